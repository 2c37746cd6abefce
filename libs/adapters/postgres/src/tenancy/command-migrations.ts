import { createHash, randomBytes } from 'node:crypto';
import { type Actor, BerthError, hostInUrl, type Place, scramVerifier } from '@berth/domain';
import { type AppliedMigration, type Migration, TenantMigrations } from '@berth/ports';
import {
  type ClusterConnections,
  type Connection,
  quoteIdent,
  quoteLiteral,
  serverMajor,
  withCaFile,
} from '../connection/index.js';
import { migrationLoginOf } from './cluster-roles.js';
import { asOwnerSql, ensureRecordsSql, markApplied, readApplied, recordSql } from './migration-records.js';
import { runCommand } from './run-command.js';
import { grantToLogin, loginGroups, retireLoginSql } from './tenant-roles.js';

export interface CommandMigrationsOptions {
  /** Program and arguments, run without a shell: `['npx', 'prisma', 'migrate', 'deploy']`. */
  readonly command: readonly [string, ...string[]];
  /**
   * Names the state that the command brings a tenant to, for example the release of the product. Berth cannot see which
   * migrations a command has: it runs once a tenant for each release.
   */
  readonly release: string;
  /** Short name in records and messages. */
  readonly name: string;
  readonly cwd: string;
  /** What the command needs to run (PATH, HOME). `DATABASE_URL` and `BERTH_SCHEMA` come on top; nothing else is passed on. */
  readonly environment: Readonly<Record<string, string>>;
  /** Adds `schema=<schema>` to the URL, as Prisma wants it and libpq refuses it. */
  readonly schemaInUrl?: boolean;
  /** The command, and its login, end after this. */
  readonly timeoutMs?: number;
  /** Between asking the command to stop and killing it. */
  readonly graceMs?: number;
}

const defaults = { schemaInUrl: false, timeoutMs: 15 * 60_000, graceMs: 5_000 };

type ApplyOptions = Parameters<TenantMigrations['apply']>[2];
type Recorded = Pick<AppliedMigration, 'appliedAt' | 'ms'>;

/**
 * The product's migrations as a command. It gets a login of its own that exists only while it runs, is a member of nothing but
 * this tenant's owner, and expires: a command that keeps or logs its URL gives nothing away. The URL reaches it by its
 * environment alone, never by an argument that `ps` shows.
 */
export class CommandMigrations extends TenantMigrations {
  readonly #connections: ClusterConnections;
  readonly #options: Required<CommandMigrationsOptions>;

  constructor(connections: ClusterConnections, options: CommandMigrationsOptions) {
    super();
    this.#connections = connections;
    this.#options = { ...defaults, ...options };
  }

  async available(): Promise<readonly Migration[]> {
    return [this.#migration()];
  }

  async applied(place: Place): Promise<readonly AppliedMigration[]> {
    return this.#connections.withTransaction(place.clusterId, place.database, (client) => readApplied(client, place));
  }

  async apply(place: Place, actor: Actor, options: ApplyOptions): Promise<readonly AppliedMigration[]> {
    const migration = this.#migration();
    const applied = await this.applied(place);
    if (applied.some(({ version }) => version === migration.version)) return [];
    if (options.signal.aborted) throw new BerthError('cancelled', 'The migrations were cancelled.');
    const started = performance.now();
    await this.#withLogin(place, actor, (url) => this.#run(place, url, options.signal));
    const done = { ...migration, ...(await this.#record(place, actor, migration, performance.now() - started)) };
    options.onApplied(done);
    return [done];
  }

  markApplied(place: Place, migrations: readonly Migration[], actor: Actor): Promise<void> {
    return markApplied(this.#connections, place, migrations, actor);
  }

  #migration(): Migration {
    const { name, release, command } = this.#options;
    const checksum = createHash('sha256')
      .update(JSON.stringify([command, release]))
      .digest('hex');
    return { version: `${name}@${release}`, checksum };
  }

  async #run(place: Place, url: URL, signal: AbortSignal): Promise<void> {
    const { command, cwd, environment, timeoutMs, graceMs, name } = this.#options;
    const { password } = url;
    const end = await runCommand({
      command,
      cwd,
      environment: { ...environment, DATABASE_URL: url.href, BERTH_SCHEMA: place.schema },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      graceMs,
    });
    if (end.code === 0 && !end.aborted) return;
    if (signal.aborted) throw new BerthError('cancelled', 'The migrations were cancelled.');
    const because = end.aborted
      ? `took longer than ${timeoutMs / 1000} s`
      : `ended with ${end.code ?? end.signal ?? end.fault ?? 'an error'}`;
    const output = end.output
      .replaceAll(url.href, '<url>')
      .replaceAll(password, '…')
      .replaceAll(decodeURIComponent(password), '…');
    throw new BerthError('migration-failed', `The migration command ${name} ${because}: ${output.trim()}`, {
      hint: 'Correct the migrations, then retry the operation.',
      details: { version: this.#migration().version, line: null },
    });
  }

  /** Made before `fn` and gone after it; one that a crash left is replaced here, and removed by `converge` too. */
  async #withLogin(place: Place, actor: Actor, fn: (url: URL) => Promise<void>): Promise<void> {
    const access = await this.#connections.access(place.clusterId);
    const password = randomBytes(24).toString('base64url');
    const login = migrationLoginOf(place.ownerRole);
    const change = (work: (client: Connection) => Promise<unknown>): Promise<unknown> =>
      this.#connections.withTransaction(place.clusterId, place.database, work, { actor, memberOf: [place.ownerRole] });
    await change(async (client) => {
      await dropLogin(client, place);
      await client.query(await makeLoginSql(client, place, scramVerifier(password), this.#options.timeoutMs));
    });
    const url = new URL(`postgresql://${hostInUrl(access.host)}:${access.port}/${encodeURIComponent(place.database)}`);
    url.username = login;
    url.password = password;
    url.searchParams.set('sslmode', access.sslMode);
    if (this.#options.schemaInUrl) url.searchParams.set('schema', place.schema);
    try {
      await withCaFile(access, async ({ caFile }) => {
        if (caFile !== undefined) url.searchParams.set('sslrootcert', caFile);
        await fn(url);
      });
    } finally {
      await change((client) => dropLogin(client, place));
    }
  }

  async #record(place: Place, actor: Actor, migration: Migration, ms: number): Promise<Recorded> {
    return this.#connections.withTransaction(
      place.clusterId,
      place.database,
      async (client) => {
        await client.query(`${asOwnerSql(place)}; ${ensureRecordsSql(place)}`);
        const { rows } = await client.query<Recorded>(recordSql(place, migration, ms));
        await client.query('RESET ROLE');
        const [recorded] = rows;
        if (recorded === undefined) throw new Error('INSERT … RETURNING always gives one row');
        return recorded;
      },
      { actor, memberOf: [place.ownerRole] },
    );
  }
}

async function makeLoginSql(client: Connection, place: Place, verifier: string, lifetimeMs: number): Promise<string> {
  const major = await serverMajor(client);
  const login = migrationLoginOf(place.ownerRole);
  const until = new Date(Date.now() + lifetimeMs).toISOString();
  return [
    `CREATE ROLE ${quoteIdent(login)} LOGIN PASSWORD ${quoteLiteral(verifier)} VALID UNTIL ${quoteLiteral(until)}`,
    ...loginGroups(place).map((group) => grantToLogin(major, group, login)),
    `ALTER ROLE ${quoteIdent(login)} SET role = ${quoteLiteral(place.ownerRole)}`,
    `ALTER ROLE ${quoteIdent(login)} SET search_path = ${quoteIdent(place.schema)}`,
  ].join('; ');
}

async function dropLogin(client: Connection, place: Place): Promise<void> {
  const login = migrationLoginOf(place.ownerRole);
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [login]);
  if (rowCount === 0) return;
  await client.query(retireLoginSql(await serverMajor(client), login, place.ownerRole).join('; '));
}
