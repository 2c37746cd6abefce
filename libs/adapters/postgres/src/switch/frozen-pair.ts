import type { ComparisonReport, Place, ReplicationStream } from '@berth/domain';
import type { LongWork } from '@berth/ports';
import { beginUnder, exportSnapshot } from '../comparison/compared-snapshot.js';
import { schemaOid } from '../comparison/definitions.js';
import type { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import type { ClusterConnections, Connection } from '../connection/index.js';
import { readStamp } from '../replication/definition-stamp.js';

/** Snapshots keep old rows of the whole server from being cleaned away: whoever has not compared by then does so in another way. */
const keptMs = 15 * 60_000;

const lanes = 2;

interface KeptSession {
  readonly client: Connection;
  readonly end: () => void;
  /** Ended by us, or by the server. */
  readonly ended: Promise<void>;
}

/** Of both ends, read when nobody could change a definition. */
export interface Stamps {
  readonly source: string;
  readonly target: string;
}

/** A snapshot of each end at the moment of the switch, which outlives the switch: it is compared when writers are long at work again. */
export class FrozenPair {
  /** Resolves when the snapshots are no more. */
  readonly ended: Promise<unknown>;
  #snapshots: { readonly source: string; readonly target: string } | null = null;

  private constructor(
    private readonly connections: ClusterConnections,
    private readonly stream: ReplicationStream,
    private readonly source: KeptSession,
    private readonly target: KeptSession,
  ) {
    this.ended = Promise.race([source.ended, target.ended]);
  }

  static async open(connections: ClusterConnections, stream: ReplicationStream): Promise<FrozenPair> {
    const source = await keptSession(connections, stream.from);
    try {
      return new FrozenPair(connections, stream, source, await keptSession(connections, stream.to));
    } catch (error) {
      source.end();
      throw error;
    }
  }

  /** Everything but the snapshots themselves, before anybody waits; anew for each try of the switch. */
  async prepare(): Promise<void> {
    this.#snapshots = null;
    await Promise.all(
      [this.source, this.target].map(async ({ client }) => {
        await client.query('ROLLBACK');
        await beginUnder(client);
        await client.query(`SET LOCAL idle_in_transaction_session_timeout = ${String(keptMs)}`);
      }),
    );
  }

  /** One round trip to each end. A switch does not fail for it: without snapshots the rows are compared later, live. */
  async take(): Promise<void> {
    const exported = [exportSnapshot(this.source.client), exportSnapshot(this.target.client)] as const;
    const [source, target] = await Promise.all(exported).catch(() => []);
    if (source !== undefined && target !== undefined) this.#snapshots = { source, target };
  }

  /**
   * Null where the snapshots are not to be trusted or are gone. A table that was written anew since (TRUNCATE, a type that
   * changed) looks empty to older snapshots, and what no definition holds any more cannot be read.
   */
  async compare(
    comparison: PostgresTenantComparison,
    stamps: Stamps,
    work: LongWork,
  ): Promise<ComparisonReport | null> {
    if (this.#snapshots === null) return null;
    const how = { lanes, sequences: false, snapshots: this.#snapshots };
    try {
      const report = await comparison.compareUnder(this.stream.from, this.stream.to, how, work);
      const now = { source: await this.#stamp(this.stream.from), target: await this.#stamp(this.stream.to) };
      return now.source === stamps.source && now.target === stamps.target ? report : null;
    } catch (error) {
      if (work.signal.aborted) throw error;
      return null;
    } finally {
      this.end();
    }
  }

  end(): void {
    this.source.end();
    this.target.end();
  }

  #stamp(place: Place): Promise<string> {
    return this.connections.withTransaction(place.clusterId, place.database, async (client) =>
      readStamp(client, await schemaOid(client, place)),
    );
  }
}

/** A connection that lives until `end`, or until the server ends it. */
function keptSession(connections: ClusterConnections, { clusterId, database }: Place): Promise<KeptSession> {
  return new Promise((resolve, reject) => {
    const ended = connections.withClient(
      clusterId,
      database,
      (client) =>
        new Promise<void>((end) => {
          client.once('end', end);
          resolve({ client, end, ended });
        }),
    );
    ended.catch(reject);
  });
}
