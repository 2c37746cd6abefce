import { streamsOf } from '@berth/domain';
import type { OnlineCopyOptions } from '@berth/ports';
import {
  ClusterConnections,
  PostgresClusterProbe,
  PostgresOnlineCopy,
  PostgresTenantComparison,
  PostgresTenantCopy,
  PostgresTenantReplication,
} from '@berth/postgres';
import type { TenantPair } from '@berth/testing';
import { secondsOf } from './rounds.js';

const work = { signal: new AbortController().signal, onProgress: () => undefined };

/** Seconds of each part. */
export interface CopyRun {
  readonly definitions: number;
  readonly rows: number;
  readonly finish: number;
}

/** The copy of an online move, of the same tenant again and again: all of it is gone before the next one. */
export class RepeatedCopy {
  readonly #connections: ClusterConnections;
  readonly #replication: PostgresTenantReplication;
  readonly #copy: PostgresOnlineCopy;

  constructor(private readonly pair: TenantPair) {
    const connections = new ClusterConnections(pair.directory);
    const programsFor = (major: number): Promise<string> => pair.programsFor(major);
    this.#connections = connections;
    this.#replication = new PostgresTenantReplication(connections);
    const copy = new PostgresTenantCopy({ connections, dumpsFolder: pair.dumps, programsFor });
    this.#copy = new PostgresOnlineCopy({ connections, copy });
  }

  async prepare(): Promise<void> {
    const probe = new PostgresClusterProbe(this.#connections);
    for (const { clusterId } of [this.pair.source, this.pair.target]) {
      await probe.prepare(await this.pair.directory.access(clusterId));
    }
  }

  /** `afterRows` runs when they have arrived: what follows is work of the target alone. @throws where rows differ */
  async run(
    how: Pick<OnlineCopyOptions, 'lanes' | 'bytesPerSecond' | 'yields'>,
    afterRows: () => Promise<void> = async () => undefined,
  ): Promise<CopyRun> {
    const { source, target, actor } = this.pair;
    const { forward } = streamsOf(source, target, 2);
    try {
      const definitions = await secondsOf(() => this.#copy.copyDefinitions(forward, 'bench', actor, work));
      await this.#replication.publish(forward, {}, actor);
      const rows = await secondsOf(() => this.#copy.copyRows(forward, actor, { ...how, keepTimeoutMs: 20_000 }, work));
      await afterRows();
      const finish = await secondsOf(() => this.#copy.finishDefinitions(forward, 'bench', actor, work));
      await this.#refuseDifference();
      return { definitions, rows, finish };
    } finally {
      await this.#replication.remove(forward, actor);
      await this.#empty();
    }
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #refuseDifference(): Promise<void> {
    const { source, target } = this.pair;
    const found = await new PostgresTenantComparison(this.#connections).compare(source, target, work);
    // Sequences come with the switch.
    const rows = found.tables.filter(({ equal }) => !equal);
    if (rows.length > 0) throw new Error(`the copy differs: ${JSON.stringify(rows)}`);
  }

  async #empty(): Promise<void> {
    const { schema, database, ownerRole } = this.pair.target;
    const sql = `DO $$ DECLARE t text; BEGIN FOR t IN SELECT format('%I.%I', nspname, relname) FROM pg_class c
      JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = '${schema}' AND relkind = 'r'
      LOOP EXECUTE 'DROP TABLE ' || t || ' CASCADE'; END LOOP; END $$`;
    await this.pair.targetServer.psql(`SET ROLE ${ownerRole}; ${sql}`, database);
  }
}
