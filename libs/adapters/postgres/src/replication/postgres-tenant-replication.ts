import {
  type Actor,
  asBerthError,
  type Finding,
  type Place,
  type ReplicationStream,
  type RowIdentities,
  type StreamState,
  type StreamUse,
} from '@berth/domain';
import { TenantReplication } from '@berth/ports';
import { type ClusterConnections, type Connection, quoteIdent } from '../connection/index.js';
import { awaitMarkBetween, sendMark } from './marker.js';
import { onlinePreflight } from './online-preflight.js';
import { publishTables } from './publication.js';
import { readChanged, restoreIdentity } from './row-identity.js';
import { dropSlot, isSlotMade, readSlot, withNewSlot } from './slot.js';
import { leftoversOf } from './stream-leftovers.js';
import { countQuiet, wakeTriggers } from './quiet-triggers.js';
import {
  awaitWorkerGone,
  disableSubscription,
  dropSubscription,
  followPublication,
  readSubscription,
} from './subscription.js';
import { restingPublication } from './stream-names.js';
import { dropStreamRole } from './stream-role.js';

/** Longest wait for a table's lock while identities are given back. */
const lockTimeoutMs = 500;

/** Logical replication by an admin that is no superuser; on PostgreSQL 15 with the login for streams where it takes one. */
export class PostgresTenantReplication extends TenantReplication {
  readonly #connections: ClusterConnections;

  constructor(connections: ClusterConnections) {
    super();
    this.#connections = connections;
  }

  preflight(
    stream: ReplicationStream,
    identities: RowIdentities,
    ends: 'both' | 'from' = 'both',
  ): Promise<readonly Finding[]> {
    return onlinePreflight(this.#connections, stream, identities, ends);
  }

  publish(stream: ReplicationStream, identities: RowIdentities, actor: Actor): Promise<void> {
    return publishTables(this.#connections, stream, identities, actor);
  }

  async keepChanges(
    stream: ReplicationStream,
    actor: Actor,
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<void> {
    // Raises the fencing number: a worker whose lease was taken over makes no slot.
    const { slot, made } = await this.#at(
      stream.from,
      async (client) => ({ ...(await readSlot(client, stream)), made: await isSlotMade(client, stream) }),
      actor,
    );
    if (made && slot !== 'lost') return;
    // Lost, or begun by a worker that is gone: the server goes on waiting for it, and may still give up.
    if (slot !== 'missing') await dropSlot(this.#connections, stream, actor);
    await withNewSlot(this.#connections, stream, { timeoutMs, snapshot: false }, async () => undefined);
  }

  follow(stream: ReplicationStream, actor: Actor, use: StreamUse = 'carry'): Promise<void> {
    return followPublication(this.#connections, stream, actor, use);
  }

  async awaitApplied(
    stream: ReplicationStream,
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<{ readonly ms: number }> {
    const started = performance.now();
    const mark = await sendMark(this.#connections, stream);
    await awaitMarkBetween(this.#connections, stream, mark, timeoutMs);
    return { ms: Math.round(performance.now() - started) };
  }

  async state(stream: ReplicationStream): Promise<StreamState> {
    const [sending, receiving] = await Promise.all([
      this.#at(stream.from, (client) => readSlot(client, stream)),
      this.#at(stream.to, (client) => readSubscription(client, stream)),
    ]);
    return { ...sending, ...receiving };
  }

  async pause(stream: ReplicationStream, actor: Actor): Promise<void> {
    const { to } = stream;
    await this.#at(to, (client) => disableSubscription(client, stream), actor);
    if ((await this.#at(to, (client) => countQuiet(client, stream))) === 0) return;
    // It ends between two transactions: the one that it is at must still find them quiet.
    await this.#connections.withClient(to.clusterId, to.database, (client) => awaitWorkerGone(client, stream));
    await this.#at(to, (client) => wakeTriggers(client, stream), actor);
  }

  /**
   * The reader first, then what it reads from: in the other order the worker would ask in vain for what is gone. Where the reader's
   * server is away the rest goes all the same, as a slot keeps log until the disk of every tenant is full; then that is told.
   */
  async remove(stream: ReplicationStream, actor: Actor): Promise<void> {
    const away = await this.#removeReader(stream, actor).then(
      () => undefined,
      (error: unknown) => {
        const { code } = asBerthError(error);
        if (code === 'cluster-unreachable' || code === 'database-unavailable') return { error };
        throw error;
      },
    );
    await this.#removeSender(stream, actor);
    if (away !== undefined) throw away.error;
  }

  #removeReader(stream: ReplicationStream, actor: Actor): Promise<void> {
    return this.#at(
      stream.to,
      async (client) => {
        // Ends the worker, and no other begins before the commit.
        await dropSubscription(client, stream);
        await client.query(`DROP SCHEMA IF EXISTS ${quoteIdent(stream.name)} CASCADE`);
        await dropStreamRole(client, stream.name);
        await wakeTriggers(client, stream);
      },
      actor,
    );
  }

  async #removeSender(stream: ReplicationStream, actor: Actor): Promise<void> {
    const { from } = stream;
    const name = quoteIdent(stream.name);
    await dropSlot(this.#connections, stream, actor);
    const options = { actor, lockTimeoutMs, memberOf: await this.#ownerOf(from) };
    const at = <T>(fn: (client: Connection) => Promise<T>): Promise<T> =>
      this.#connections.withTransaction(from.clusterId, from.database, fn, options);
    // First: a published table without an identity would refuse the tenant's UPDATEs.
    await at((client) => client.query(`DROP PUBLICATION IF EXISTS ${name}, ${quoteIdent(restingPublication(stream))}`));
    for (const table of await at((client) => readChanged(client, stream)))
      await at((client) => restoreIdentity(client, stream, table));
    await at(async (client) => {
      await client.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`);
      await dropStreamRole(client, stream.name);
    });
  }

  leftovers(stream: ReplicationStream, ends: 'both' | 'from' | 'to' = 'both'): Promise<readonly string[]> {
    return leftoversOf(this.#connections, stream, ends);
  }

  /** The owner role, as long as the place is there. */
  async #ownerOf(place: Place): Promise<readonly string[]> {
    const { rowCount } = await this.#at(place, (client) =>
      client.query('SELECT FROM pg_roles WHERE rolname = $1', [place.ownerRole]),
    );
    return rowCount === 0 ? [] : [place.ownerRole];
  }

  #at<T>({ clusterId, database }: Place, fn: (client: Connection) => Promise<T>, actor?: Actor): Promise<T> {
    return this.#connections.withTransaction(clusterId, database, fn, actor === undefined ? {} : { actor });
  }
}
