import path from 'node:path';
import type { Cluster, Finding } from '@berth/domain';
import { fileNames } from './render-files.js';

/** What a pooler says of itself. */
export interface PoolerFacts {
  readonly poolerId: string;
  readonly host: string;
  /** `1.18.0`, as SHOW VERSION has it. */
  readonly version: string;
  /** SHOW CONFIG: settings by name. One that this version does not know is missing. */
  readonly config: Readonly<Record<string, string>>;
}

export type ReachedCluster = Pick<Cluster, 'id' | 'sslMode' | 'postgresMajor'>;

type Fault = Omit<Finding, 'object'> | null;

/** Below it no PgBouncer was tried: 1.18 is the oldest whose SCRAM pass-through and rules Berth's tests run on. */
const oldest = [1, 18, 0] as const;

/** Holes that a tenant could use, with the version that closed each. Distributions mend older ones without a new number. */
const mended = [
  { version: [1, 26, 1], hole: 'CVE-2026-107350: with the password of one login, a client logs in as any other' },
  { version: [1, 25, 1], hole: 'CVE-2025-12819: by auth_query, SQL of a client that has no password yet' },
] as const;

/** From here on the server reports its search_path, so that a pooler can follow a client's. */
const reportsSearchPath = 18;

/** Every finding about a pooler that answers, all at once. Pure. */
export function findingsOf(facts: PoolerFacts, clusters: readonly ReachedCluster[]): readonly Finding[] {
  const { config, poolerId } = facts;
  return [
    tooOld(facts),
    ...holes(facts),
    statementPooling(config),
    authType(config),
    ...filesNotNamed(config),
    severalProcesses(config),
    ...searchPath(facts, clusters),
    resetQuery(config),
    ...serverTls(config, clusters),
    clientTls(facts),
    loginRetry(config),
  ]
    .filter((fault) => fault !== null)
    .map((fault) => ({ ...fault, object: `pooler ${poolerId}` }));
}

export function isOlder(version: string, than: readonly number[]): boolean {
  const numbers = version.split('.').map(Number);
  for (const [index, wanted] of than.entries()) {
    const found = numbers[index] ?? 0;
    if (found !== wanted) return found < wanted;
  }
  return false;
}

const error = (code: string, message: string, remedy: string) =>
  ({ code, severity: 'error', message, remedy }) as const;
const warning = (code: string, message: string, remedy: string) =>
  ({ code, severity: 'warning', message, remedy }) as const;

const listOf = (config: PoolerFacts['config'], name: string): readonly string[] =>
  (config[name] ?? '')
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '');

function tooOld({ version }: PoolerFacts): Fault {
  if (!isOlder(version, oldest)) return null;
  return error('pooler-too-old', `It is PgBouncer ${version}.`, `Install ${oldest.join('.')} or newer.`);
}

function holes({ version, config }: PoolerFacts): readonly Fault[] {
  const open = mended.filter((one) => isOlder(version, one.version));
  const [newest] = mended;
  const usesQuery = (config['auth_user'] ?? '') !== '';
  const openToAll = usesQuery && listOf(config, 'track_extra_parameters').includes('search_path');
  return [
    open.length === 0
      ? null
      : warning(
          'pooler-old',
          `PgBouncer ${version}, unless your distribution has mended it, has ${open.map(({ hole }) => hole).join('; ')}.`,
          `Install ${newest.version.join('.')} or newer, or make sure that your package holds the fix.`,
        ),
    openToAll && isOlder(version, [1, 25, 1])
      ? error(
          'auth-query-hole',
          'auth_user is set and search_path tracked: anybody can have SQL run before the login (CVE-2025-12819).',
          'Remove auth_user, which Berth does not need, or install 1.25.1 or newer.',
        )
      : null,
  ];
}

function statementPooling(config: PoolerFacts['config']): Fault {
  if (config['pool_mode'] !== 'statement') return null;
  return error(
    'statement-pooling',
    'pool_mode is statement: two statements of one transaction would run on different connections.',
    'Set pool_mode = transaction, or session.',
  );
}

function authType(config: PoolerFacts['config']): Fault {
  if (config['auth_type'] === 'hba') return null;
  return error(
    'auth-not-by-alias',
    `auth_type is ${config['auth_type'] ?? 'unknown'}: a login of one tenant would pass through the alias of another.`,
    `Set auth_type = hba and auth_hba_file to Berth's ${fileNames.rules}.`,
  );
}

function filesNotNamed(config: PoolerFacts['config']): readonly Fault[] {
  const wanted = { auth_file: fileNames.users, auth_hba_file: fileNames.rules };
  return Object.entries(wanted).map(([setting, name]) =>
    path.basename(config[setting] ?? '') === name
      ? null
      : error(
          'files-not-named',
          `${setting} is not Berth's ${name}.`,
          `Set ${setting} to ${name} in the pooler's folder.`,
        ),
  );
}

function severalProcesses(config: PoolerFacts['config']): Fault {
  if (config['so_reuseport'] !== '1') return null;
  return error(
    'several-processes',
    'so_reuseport is on: several processes share the port, and a command reaches only one of them.',
    'Give each process a port of its own and register each.',
  );
}

/** Session state never decides what a tenant's client reads. The logins carry their search_path; nothing may pretend otherwise. */
function searchPath({ config }: PoolerFacts, clusters: readonly ReachedCluster[]): readonly Fault[] {
  const silent = clusters.filter(({ postgresMajor }) => postgresMajor < reportsSearchPath).map(({ id }) => id);
  const tracked = listOf(config, 'track_extra_parameters').includes('search_path');
  const ignored = listOf(config, 'ignore_startup_parameters');
  return [
    config['pool_mode'] === 'transaction' && tracked && silent.length > 0
      ? error(
          'search-path-tracked',
          `search_path is tracked, and ${silent.join(', ')} (PostgreSQL before 18) does not report it: one client would read by the search_path of another.`,
          'Remove search_path from track_extra_parameters: the logins carry it.',
        )
      : null,
    ignored.includes('search_path')
      ? error(
          'search-path-ignored',
          'A search_path that a client asks for is ignored without a word, and it would read by another one.',
          'Remove search_path from ignore_startup_parameters.',
        )
      : null,
    ignored.includes('options')
      ? warning(
          'options-ignored',
          'What a client asks for in "options", a search_path too, is ignored without a word.',
          'Remove options from ignore_startup_parameters, if no driver of yours needs it.',
        )
      : null,
  ];
}

function resetQuery(config: PoolerFacts['config']): Fault {
  if (config['pool_mode'] !== 'session' || /discard\s+all/i.test(config['server_reset_query'] ?? '')) return null;
  return warning(
    'session-not-reset',
    'server_reset_query does not discard all: what a client has SET stays for the next client of the same tenant.',
    'Set server_reset_query = DISCARD ALL: role and search_path of the logins come back with it.',
  );
}

const strength: Readonly<Record<string, number>> = {
  disable: 0,
  allow: 0,
  prefer: 0,
  require: 1,
  'verify-ca': 1,
  'verify-full': 2,
};

/** One setting for all servers that it reaches: each has to get what its cluster is registered with. */
function serverTls(config: PoolerFacts['config'], clusters: readonly ReachedCluster[]): readonly Fault[] {
  const mode = config['server_tls_sslmode'] ?? 'disable';
  const given = strength[mode] ?? 0;
  const weaker = clusters.filter(({ sslMode }) => given < (strength[sslMode] ?? 0)).map(({ id }) => id);
  const plain = given === 0 ? [] : clusters.filter(({ sslMode }) => sslMode === 'disable').map(({ id }) => id);
  return [
    weaker.length === 0
      ? null
      : error(
          'server-tls',
          `server_tls_sslmode is ${mode}, less than ${weaker.join(', ')} is registered with.`,
          'Set server_tls_sslmode to verify-full, with server_tls_ca_file, or to what the strictest cluster wants.',
        ),
    plain.length === 0
      ? null
      : error(
          'server-without-tls',
          `server_tls_sslmode is ${mode}, and ${plain.join(', ')} is registered without TLS: it cannot be reached.`,
          'Register a pooler of its own for clusters without TLS, or give the cluster TLS.',
        ),
  ];
}

const loopback = /^(127\.|::1$|localhost$|\/)/;

function clientTls({ config, host }: PoolerFacts): Fault {
  const isOpen = (strength[config['client_tls_sslmode'] ?? 'disable'] ?? 0) === 0;
  if (!isOpen || loopback.test(host)) return null;
  return warning(
    'client-tls',
    'Clients may connect without TLS: what they send and read can be read on the way.',
    'Set client_tls_sslmode = require with a certificate.',
  );
}

function loginRetry(config: PoolerFacts['config']): Fault {
  const seconds = Number(config['server_login_retry'] ?? '15');
  if (seconds <= 2) return null;
  return {
    code: 'slow-login-retry',
    severity: 'info',
    message: `After a server refused a login, clients of that tenant wait ${String(seconds)} s, also when it is back.`,
    remedy: 'Set server_login_retry = 1.',
  };
}
