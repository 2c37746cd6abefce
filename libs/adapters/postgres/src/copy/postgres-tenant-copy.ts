import { rm } from 'node:fs/promises';
import { type Actor, BerthError, type ComparisonReport, type Finding, type Place } from '@berth/domain';
import { type CopyPace, type Dump, type LongWork, TenantCopy, type TenantComparison } from '@berth/ports';
import { schemaOid } from '../comparison/definitions.js';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import { type ClusterConnections, quoteIdent, quoteQualified, serverMajor } from '../connection/index.js';
import { ClientPrograms } from './client-programs.js';
import { carrySequences, positionsAt } from './carry-sequences.js';
import { DumpStore } from './dump-store.js';
import { restoreCounter, watchFolder } from './dump-progress.js';
import { dropSome } from './empty-schema.js';
import { holdingMembership } from './held-membership.js';
import { copyPreflight } from './preflight.js';
import { type RestoredSection, restoreList } from './restore-list.js';
import { translateDisk } from './program-failure.js';
import { withRestoreLogin } from './restore-login.js';
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
  readonly #programs: ClientPrograms;
  readonly #options: PostgresTenantCopyOptions;
  readonly #comparison: TenantComparison;

  constructor(options: PostgresTenantCopyOptions) {
    super();
    this.#connections = options.connections;
    this.#store = new DumpStore(options.dumpsFolder);
    this.#programs = new ClientPrograms(options.connections, options.programsFor);
    this.#options = options;
    this.#comparison = new PostgresTenantComparison(options.connections);
  }

  preflight(
    source: Place,
    target: { readonly clusterId: string; readonly database: string } | null,
    pace?: CopyPace,
  ): Promise<readonly Finding[]> {
    const { dumpsFolder, programsFor } = this.#options;
    return copyPreflight(this.#connections, source, target, { dumpsFolder, programsFor }, pace);
  }

  dump(source: Place, name: string, work: LongWork): Promise<Dump> {
    return this.#dump(source, name, work, []);
  }

  /** Everything but the rows: what is there before them, and what is made of them afterwards. */
  async dumpDefinitions(source: Place, name: string, work: LongWork): Promise<void> {
    await this.#dump(source, name, work, ['--section=pre-data', '--section=post-data']);
  }

  /** One part of a dump of definitions. The first empties the schema of what an earlier try left. */
  async restoreSection(
    name: string,
    target: Place,
    section: RestoredSection,
    actor: Actor,
    work: LongWork,
  ): Promise<void> {
    await this.#store.open(name, { verify: false });
    await this.#restoreInto(name, target, work, { actor, section });
  }

  async #dump(source: Place, name: string, work: LongWork, sections: readonly string[]): Promise<Dump> {
    const started = performance.now();
    const applicationName = sessionName('dump', source);
    const { major, bytes } = await this.#measure(source);
    await this.#programs.endOrphans(source, applicationName);
    const attempt = await translateDisk(() => this.#store.begin(name));
    const watch = watchFolder(attempt, bytes, work.onProgress);
    try {
      await holdingMembership(this.#connections, source, () =>
        this.#programs.run(major, 'pg_dump', source, work, {
          applicationName,
          args: [
            ...['--format=directory', `--file=${attempt}`, `--jobs=${this.#jobs}`, ...compression],
            ...[`--schema=${quoteIdent(source.schema)}`, '--strict-names', '--no-tablespaces'],
            ...['--no-publications', '--no-subscriptions', '--lock-wait-timeout=60000', ...sections],
          ],
        }),
      );
    } catch (error) {
      // What was written of it would keep the disk full.
      await this.#store.abandon(name);
      throw error;
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
    await this.#restoreInto(name, target, work, { actor });
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

  async sequencePositions(place: Place): Promise<Readonly<Record<string, string>>> {
    const positions = await positionsAt(this.#connections, place);
    return Object.fromEntries(
      [...positions.values()].map(({ name, last, called }) => [name, `${last} ${String(called)}`]),
    );
  }

  carrySequences(source: Place, target: Place, actor: Actor, targetIs: 'closed' | 'open'): Promise<readonly string[]> {
    return carrySequences(this.#connections, source, target, actor, targetIs);
  }

  discard(name: string): Promise<void> {
    return this.#store.discard(name);
  }

  get #jobs(): string {
    return String(this.#options.jobs ?? 2);
  }

  async #restoreInto(
    name: string,
    target: Place,
    work: LongWork,
    { actor, section }: { readonly actor?: Actor; readonly section?: RestoredSection } = {},
  ): Promise<void> {
    const applicationName = sessionName('restore', target);
    const { major } = await this.#measure(target);
    const folder = this.#store.folder(name);
    await this.#programs.endOrphans(target, applicationName);
    await holdingMembership(this.#connections, target, async () => {
      // The login first: making it ends what an earlier try left at work.
      await withRestoreLogin(this.#connections, target, actor, async (login) => {
        const first = section === undefined || section === 'pre-data';
        if (first) await this.#empty(target, actor);
        const listing = await this.#programs.run(major, 'pg_restore', target, work, {
          applicationName,
          args: ['--list', folder],
        });
        const list = await this.#store.writeList(name, restoreList(listing, section));
        try {
          await this.#programs.run(major, 'pg_restore', target, work, {
            applicationName,
            login,
            onLine: await restoreCounter(folder, work.onProgress),
            args: [
              ...['--format=directory', `--jobs=${this.#jobs}`, `--use-list=${list}`, `--dbname=${target.database}`],
              ...[
                '--exit-on-error',
                '--no-owner',
                `--role=${target.ownerRole}`,
                '--no-tablespaces',
                '--verbose',
                ...(section === undefined ? [] : [`--section=${first ? section : 'post-data'}`]),
                // What an earlier try made is dropped first: with several jobs there is no one transaction.
                ...(first ? [] : ['--clean', '--if-exists']),
                folder,
              ],
            ],
          });
        } finally {
          await rm(list, { force: true });
        }
      });
      await this.#makeDurable(target);
    });
  }

  /**
   * The restore committed without waiting for the disk; one commit that does wait takes everything before it there. It waits only
   * if its transaction wrote something to the log: a number of its own is not enough, a message is.
   */
  async #makeDurable({ clusterId, database }: Place): Promise<void> {
    await this.#connections.withTransaction(clusterId, database, (client) =>
      client.query(`SET LOCAL synchronous_commit = on; SELECT pg_logical_emit_message(true, 'berth', 'durable')`),
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
}

/** Measured on a local disk: compressing costs more time than it saves, and dumps of a move live for minutes. */
const compression = ['--compress=0'];

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new BerthError('cancelled', 'The analysis was cancelled.');
}
