import { setTimeout as delay } from 'node:timers/promises';
import { type Actor, BerthError, type Place } from '@berth/domain';
import { type AppliedMigration, type Migration, TenantMigrations } from '@berth/ports';
import { type ClusterConnections, type Connection, lendOwner, quoteIdent } from '../connection/index.js';
import { awaitFree } from '../fence/long-holders.js';
import { type MigrationFile, readMigrationFiles } from './migration-file.js';
import { asOwnerSql, ensureRecordsSql, markApplied, readApplied, recordSql } from './migration-records.js';
import { runMigrationText } from './migration-run.js';
import { pendingOf } from './pending-migrations.js';

export interface SqlFileMigrationsOptions {
  readonly folder: string;
  /** How long a statement waits for one lock: meanwhile everybody else waits behind it. */
  readonly lockTimeoutMs?: number;
  /** Tries of one file whose locks were taken. */
  readonly lockTries?: number;
}

const defaults = { lockTimeoutMs: 2_000, lockTries: 5 };
const firstPauseMs = 100;

type ApplyOptions = Parameters<TenantMigrations['apply']>[2];
type Recorded = Pick<AppliedMigration, 'appliedAt' | 'ms'>;

/** The product's migrations as a folder of `.sql` files, each run in one transaction as the tenant's owner. */
export class SqlFileMigrations extends TenantMigrations {
  readonly #connections: ClusterConnections;
  readonly #options: Required<SqlFileMigrationsOptions>;

  constructor(connections: ClusterConnections, options: SqlFileMigrationsOptions) {
    super();
    this.#connections = connections;
    this.#options = { ...defaults, ...options };
  }

  async available(): Promise<readonly Migration[]> {
    const files = await readMigrationFiles(this.#options.folder);
    return files.map(({ version, checksum }) => ({ version, checksum }));
  }

  async applied(place: Place): Promise<readonly AppliedMigration[]> {
    return this.#connections.withTransaction(place.clusterId, place.database, (client) => readApplied(client, place), {
      discard: true,
    });
  }

  async apply(place: Place, actor: Actor, options: ApplyOptions): Promise<readonly AppliedMigration[]> {
    const files = await readMigrationFiles(this.#options.folder);
    if (files.length === 0) return [];
    const pending = pendingOf(files, await this.applied(place));
    const done: AppliedMigration[] = [];
    for (const file of pending) {
      const recorded = await this.#withRetries(place, options.signal, () =>
        file.transactional
          ? this.#inTransaction(file, place, actor, options)
          : this.#without(file, place, actor, options),
      );
      const migration = { version: file.version, checksum: file.checksum, ...recorded };
      done.push(migration);
      options.onApplied(migration);
    }
    return done;
  }

  markApplied(place: Place, migrations: readonly Migration[], actor: Actor): Promise<void> {
    return markApplied(this.#connections, place, migrations, actor);
  }

  /**
   * Only `lock-timeout` is tried again: everything else would fail the same way. Who holds a table is waited for before that, without a
   * lock; before the first try nobody is, as nobody knows which tables a file touches.
   */
  async #withRetries<T>(place: Place, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      if (signal.aborted) throw new BerthError('cancelled', 'The migrations were cancelled.');
      try {
        if (attempt > 1) await awaitFree(this.#connections, place, 'everybody');
        return await run();
      } catch (error) {
        if (!(error instanceof BerthError && error.code === 'lock-timeout')) throw error;
        if (attempt >= this.#options.lockTries) throw givenUp(error);
      }
      // Jitter, so that two tenants' migrations do not meet again. An abort ends the pause; the loop then says so.
      await delay(firstPauseMs * 2 ** attempt * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
    }
  }

  #inTransaction(file: MigrationFile, place: Place, actor: Actor, { signal }: ApplyOptions): Promise<Recorded> {
    const { lockTimeoutMs } = this.#options;
    return this.#connections.withTransaction(
      place.clusterId,
      place.database,
      async (client) => {
        const started = performance.now();
        await client.query(`${asOwnerSql(place)}; ${ensureRecordsSql(place)}`);
        await runMigrationText(client, this.#connections, place, file, signal);
        await mustStillBe(client, place, file);
        const { rows } = await client.query<Recorded>(recordSql(place, file, performance.now() - started));
        await client.query('RESET ROLE');
        return recordedOf(rows);
      },
      { actor, memberOf: [place.ownerRole], resetSession: true, lockTimeoutMs },
    );
  }

  /** Statement by statement on a session of its own. What ran before a failure stays: such a file must be repeatable. */
  async #without(file: MigrationFile, place: Place, actor: Actor, { signal }: ApplyOptions): Promise<Recorded> {
    const started = performance.now();
    const asOwner = { actor, memberOf: [place.ownerRole], resetSession: true };
    await this.#connections.withTransaction(
      place.clusterId,
      place.database,
      (client) => client.query(`${asOwnerSql(place)}; ${ensureRecordsSql(place)}; RESET ROLE`),
      asOwner,
    );
    const run = async (client: Connection): Promise<void> => {
      const role = `SET ROLE ${quoteIdent(place.ownerRole)}; SET search_path = ${quoteIdent(place.schema)}`;
      await client.query(`${role}; SET lock_timeout = ${this.#options.lockTimeoutMs}`);
      for (const statement of file.statements) {
        await runMigrationText(
          client,
          this.#connections,
          place,
          { ...file, text: statement.text, statements: [statement] },
          signal,
        );
      }
    };
    await lendOwner(this.#connections, place, actor, () =>
      this.#connections.withClient(place.clusterId, place.database, run, { operationId: actor.operationId }),
    );
    return this.#connections.withTransaction(
      place.clusterId,
      place.database,
      async (client) => {
        await client.query(asOwnerSql(place));
        const { rows } = await client.query<Recorded>(recordSql(place, file, performance.now() - started));
        await client.query('RESET ROLE');
        return recordedOf(rows);
      },
      asOwner,
    );
  }
}

/** Not as often as it takes: the first try of each round looks at nobody, and keeps the tenant waiting behind the file's own locks. */
function givenUp(error: BerthError): BerthError {
  const { code, message, details, hint } = error;
  return new BerthError(code, message, {
    retry: 'backoff',
    cause: error,
    details,
    ...(hint !== undefined && { hint }),
  });
}

/** A function or DO block of the file may have changed the role where no reader of the file sees it. */
async function mustStillBe(client: Connection, place: Place, file: MigrationFile): Promise<void> {
  const { rows } = await client.query<{ now: string }>('SELECT current_user AS now');
  if (rows[0]?.now === place.ownerRole) return;
  throw new BerthError('migration-failed', `Migration ${file.version} changed the role that it runs as.`, {
    details: { version: file.version },
  });
}

function recordedOf(rows: readonly Recorded[]): Recorded {
  const [recorded] = rows;
  if (recorded === undefined) throw new Error('INSERT … RETURNING always gives one row');
  return recorded;
}
