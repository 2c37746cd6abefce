import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type Actor,
  BerthError,
  type ClusterAccess,
  type ComparisonReport,
  type Finding,
  type Place,
} from '@berth/domain';
import { type Dump, type LongWork, TenantCopy, type TenantComparison } from '@berth/ports';
import { schemaOid } from '../comparison/definitions.js';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import { type ClusterConnections, quoteIdent, quoteQualified, serverMajor } from '../connection/index.js';
import { DumpStore } from './dump-store.js';
import { restoreCounter, watchFolder } from './dump-progress.js';
import { dropSome } from './empty-schema.js';
import { holdingMembership } from './held-membership.js';
import { copyPreflight } from './preflight.js';
import { restoreList } from './restore-list.js';
import { runClientProgram } from './run-client-program.js';
import { sessionName } from './session-name.js';
import { dropScratch, makeScratch, scratchNameOf } from './scratch-database.js';

export interface PostgresTenantCopyOptions {
  readonly connections: ClusterConnections;
  /** Folder that holds the dumps; made when it is missing, mode 0700. */
  readonly dumpsFolder: string;
  /** Folder of pg_dump and pg_restore of a major version. @throws BerthError `postgres-programs-missing` */
  readonly programsFor: (postgresMajor: number) => Promise<string>;
  /** Tables dumped or restored at the same time. Default 2. */
  readonly jobs?: number;
}

/** Copies a tenant's schema with pg_dump and pg_restore, each of its server's own version. */
export class PostgresTenantCopy extends TenantCopy {
  readonly #connections: ClusterConnections;
  readonly #store: DumpStore;
  readonly #options: PostgresTenantCopyOptions;
  readonly #comparison: TenantComparison;

  constructor(options: PostgresTenantCopyOptions) {
    super();
    this.#connections = options.connections;
    this.#store = new DumpStore(options.dumpsFolder);
    this.#options = options;
    this.#comparison = new PostgresTenantComparison(options.connections);
  }

  preflight(
    source: Place,
    target: { readonly clusterId: string; readonly database: string } | null,
  ): Promise<readonly Finding[]> {
    const { dumpsFolder, programsFor } = this.#options;
    return copyPreflight(this.#connections, source, target, { dumpsFolder, programsFor });
  }

  async dump(source: Place, name: string, work: LongWork): Promise<Dump> {
    const started = performance.now();
    const applicationName = sessionName('dump', source);
    const { major, bytes } = await this.#measure(source);
    await this.#endOrphans(source, applicationName);
    const attempt = await translateDisk(() => this.#store.begin(name));
    const watch = watchFolder(attempt, bytes, work.onProgress);
    try {
      await holdingMembership(this.#connections, source, () =>
        this.#run(major, 'pg_dump', source, work, {
          applicationName,
          args: [
            ...['--format=directory', `--file=${attempt}`, `--jobs=${this.#jobs}`, ...compression],
            ...[`--schema=${quoteIdent(source.schema)}`, '--strict-names', '--no-tablespaces'],
            ...['--no-publications', '--no-subscriptions', '--lock-wait-timeout=60000'],
          ],
        }),
      );
    } finally {
      watch.stop();
    }
    const { clusterId, database, schema } = source;
    const facts = { clusterId, database, schema, postgresMajor: major };
    const manifest = await translateDisk(() => this.#store.finish(name, attempt, facts));
    const written = manifest.files.reduce((total, file) => total + file.bytes, 0);
    return {
      folder: this.#store.folder(name),
      bytes: written,
      sha256: manifest.sha256,
      ms: Math.round(performance.now() - started),
    };
  }

  async restore(name: string, target: Place, actor: Actor, work: LongWork): Promise<void> {
    const manifest = await this.#store.open(name, { verify: false });
    if (manifest.clusterId === target.clusterId && manifest.database === target.database) {
      throw new BerthError(
        'copy-failed',
        `The dump ${name} comes from this very place; restoring it there would drop its data.`,
      );
    }
    if (manifest.schema !== target.schema) {
      throw new BerthError(
        'copy-failed',
        `The dump ${name} holds the schema ${manifest.schema}, and ${target.schema} was asked for.`,
      );
    }
    await this.#restoreInto(name, target, work, actor);
  }

  async analyze(place: Place, work: LongWork): Promise<void> {
    throwIfCancelled(work.signal);
    await holdingMembership(this.#connections, place, () =>
      this.#connections.withClient(place.clusterId, place.database, async (client) => {
        const { rows } = await client.query<{ name: string }>(
          `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::oid AND relkind IN ('r', 'p', 'm') ORDER BY relpages DESC`,
          [await schemaOid(client, place)],
        );
        for (const [done, { name }] of rows.entries()) {
          throwIfCancelled(work.signal);
          work.onProgress({ text: `analysing ${name}`, done, total: rows.length, unit: 'tables' });
          await client.query(`ANALYZE ${quoteQualified(place.schema, name)}`);
        }
      }),
    );
  }

  async rehearse(name: string, source: Place, work: LongWork): Promise<ComparisonReport> {
    await this.#store.open(name, { verify: true });
    const database = scratchNameOf(name);
    return holdingMembership(this.#connections, source, async () => {
      try {
        const scratch = await makeScratch(this.#connections, source, database);
        await this.#restoreInto(name, scratch, work);
        return await this.#comparison.compare(source, scratch, work);
      } finally {
        await dropScratch(this.#connections, source.clusterId, database);
      }
    });
  }

  discard(name: string): Promise<void> {
    return this.#store.discard(name);
  }

  get #jobs(): string {
    return String(this.#options.jobs ?? 2);
  }

  async #restoreInto(name: string, target: Place, work: LongWork, actor?: Actor): Promise<void> {
    const applicationName = sessionName('restore', target);
    const { major } = await this.#measure(target);
    const folder = this.#store.folder(name);
    await this.#endOrphans(target, applicationName);
    await holdingMembership(this.#connections, target, async () => {
      await this.#empty(target, actor);
      const listing = await this.#run(major, 'pg_restore', target, work, { applicationName, args: ['--list', folder] });
      const list = await this.#store.writeList(name, restoreList(listing));
      try {
        await this.#run(major, 'pg_restore', target, work, {
          applicationName,
          onLine: await restoreCounter(folder, work.onProgress),
          args: [
            ...['--format=directory', `--jobs=${this.#jobs}`, `--use-list=${list}`, `--dbname=${target.database}`],
            ...['--exit-on-error', '--no-owner', `--role=${target.ownerRole}`, '--no-tablespaces', '--verbose', folder],
          ],
        });
      } finally {
        await rm(list, { force: true });
      }
      await this.#makeDurable(target);
    });
  }

  /** The restore committed without waiting for the disk; one commit that does wait takes everything before it there. */
  async #makeDurable({ clusterId, database }: Place): Promise<void> {
    await this.#connections.withTransaction(clusterId, database, (client) =>
      client.query('SET LOCAL synchronous_commit = on; SELECT pg_current_xact_id()'),
    );
  }

  async #empty(target: Place, actor: Actor | undefined): Promise<void> {
    const options = { lockTimeoutMs: 10_000, ...(actor === undefined ? {} : { actor }) };
    const dropOnce = (): Promise<boolean> =>
      this.#connections.withTransaction(
        target.clusterId,
        target.database,
        async (client) => dropSome(client, await schemaOid(client, target)),
        options,
      );
    let more = true;
    while (more) more = await dropOnce();
  }

  async #measure(place: Place): Promise<{ readonly major: number; readonly bytes: number }> {
    return this.#connections.withTransaction(place.clusterId, place.database, async (client) => {
      const { rows } = await client.query<{ bytes: number }>(
        `SELECT coalesce(sum(pg_table_size(oid)), 0)::float8 AS bytes FROM pg_class WHERE relnamespace = $1::oid AND relkind IN ('r', 'm')`,
        [await schemaOid(client, place)],
      );
      return { major: await serverMajor(client), bytes: rows[0]?.bytes ?? 0 };
    });
  }

  /** A program that outlived its crashed worker still reads or writes: its sessions are ended before the next try begins. */
  async #endOrphans({ clusterId, database }: Place, applicationName: string): Promise<void> {
    await this.#connections.withTransaction(clusterId, database, (client) =>
      client.query(
        `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
         WHERE application_name = $1 AND datname = current_database() AND usename = session_user AND pid <> pg_backend_pid()`,
        [applicationName],
      ),
    );
  }

  async #run(
    major: number,
    name: 'pg_dump' | 'pg_restore',
    place: Place,
    work: LongWork,
    run: {
      readonly applicationName: string;
      readonly args: readonly string[];
      readonly onLine?: (line: string) => void;
    },
  ): Promise<string> {
    const access = await this.#connections.access(place.clusterId);
    const program = path.join(await this.#options.programsFor(major), name);
    return withCaFile(access, (caFile) =>
      runClientProgram({ ...run, ...caFile, program, access, database: place.database, signal: work.signal }),
    );
  }
}

/** Measured on a local disk: compressing costs more time than it saves, and dumps of a move live for minutes. */
const compression = ['--compress=0'];

/** libpq reads certificate authorities from files only. Not a secret, but nobody else may change it either. */
async function withCaFile<T>(
  { ca }: ClusterAccess,
  fn: (caFile: { readonly caFile?: string }) => Promise<T>,
): Promise<T> {
  if (ca === undefined) return fn({});
  const folder = await mkdtemp(path.join(tmpdir(), 'berth-ca-'));
  try {
    const caFile = path.join(folder, 'ca.pem');
    await writeFile(caFile, ca, { mode: 0o600 });
    return await fn({ caFile });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function translateDisk<T>(fn: () => Promise<T>): Promise<T> {
  try {
    return await fn();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    throw new BerthError('disk-full', 'The disk of the dump folder is full.', {
      cause: error,
      hint: "Free space in the dump folder, or move it to a larger disk (the worker's setting), then retry the operation.",
      details: { where: 'dump-folder' },
    });
  }
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new BerthError('cancelled', 'The analysis was cancelled.');
}
