import { BerthError } from '@berth/domain';

/** What a server is for; it decides the memory that it takes and whether it survives a power cut. */
export const serverPurposes = ['catalog', 'shared', 'dedicated', 'test'] as const;
export type ServerPurpose = (typeof serverPurposes)[number];

export type Settings = Readonly<Record<string, string | number | boolean>>;

/** The superuser's name in every local server. It has no password, and only the Unix socket lets it in. */
export const superuser = 'postgres';

/** Our settings lie in a file of their own inside the data folder, rewritten at each start: a later version may change them. */
export const settingsFile = 'berth.conf';

const forEveryPurpose: Settings = {
  listen_addresses: '127.0.0.1',
  // Online moves read the write-ahead log; changing this later would cost a restart under load.
  wal_level: 'logical',
  max_wal_senders: 10,
  max_replication_slots: 20,
  max_worker_processes: 16,
  max_logical_replication_workers: 8,
  password_encryption: 'scram-sha-256',
  min_wal_size: '32MB',
  // Many small servers share one machine; compiling queries costs memory and helps large ones only.
  jit: false,
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_line_prefix: '%m [%p] %q%u@%d ',
  // A statement that fails is not written to the log: it may be an ALTER ROLE with a verifier in it.
  log_min_error_statement: 'panic',
};

const forPurpose: Readonly<Record<ServerPurpose, Settings>> = {
  catalog: { max_connections: 100, shared_buffers: '32MB', max_wal_size: '256MB' },
  shared: { max_connections: 200, shared_buffers: '64MB', max_wal_size: '1GB' },
  dedicated: { max_connections: 100, shared_buffers: '32MB', max_wal_size: '512MB' },
  // Without fsync a test server survives kill -9 of its processes, but not a power cut.
  test: { max_connections: 200, shared_buffers: '32MB', max_wal_size: '512MB', fsync: false, full_page_writes: false },
};

export function isServerPurpose(text: string): text is ServerPurpose {
  return (serverPurposes as readonly string[]).includes(text);
}

export interface SettingsInput {
  readonly purpose: ServerPurpose;
  readonly settings: Settings;
  readonly port: number;
  readonly socket: string;
}

/** The text of berth.conf. Port and socket folder come last: nobody's settings may move them. */
export function settingsText(input: SettingsInput): string {
  const all: Settings = {
    ...forEveryPurpose,
    ...forPurpose[input.purpose],
    ...input.settings,
    port: input.port,
    unix_socket_directories: input.socket,
    unix_socket_permissions: '0700',
  };
  const lines = Object.entries(all).map(([name, value]) => `${checkedName(name)} = ${quoted(value)}`);
  return ['# Written by Berth at each start: changes made here are lost.', ...lines, ''].join('\n');
}

/**
 * Who may come in. The socket lies in a folder that only the server's user may enter and takes the superuser by that user's
 * identity alone; TCP on loopback takes everybody else by password, and the superuser never.
 */
export function accessText(): string {
  return [
    '# Written by Berth when it made this server.',
    `local  all  ${superuser}  peer map=berth`,
    'local  all  all  scram-sha-256',
    `host   all  ${superuser}  all  reject`,
    'host   all  all  127.0.0.1/32  scram-sha-256',
    'host   all  all  ::1/128  scram-sha-256',
    '',
  ].join('\n');
}

export function identityText(osUser: string): string {
  return `# The operating system's user that runs this server is its superuser.\nberth  "${osUser}"  ${superuser}\n`;
}

function checkedName(name: string): string {
  if (/^[a-z_][a-z0-9_.]*$/i.test(name)) return name;
  throw new BerthError('local-server-failed', `${JSON.stringify(name)} is not the name of a PostgreSQL setting`);
}

function quoted(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number') return String(value);
  if (/[\n\r\0]/.test(value))
    throw new BerthError('local-server-failed', 'a PostgreSQL setting cannot hold a line break');
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
