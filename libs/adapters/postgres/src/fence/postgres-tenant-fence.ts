import { type Actor, BerthError, type Place } from '@berth/domain';
import { type FenceState, type MovedMarker, TenantFence } from '@berth/ports';
import { fingerprintOf, readDefinitions, schemaOid } from '../comparison/definitions.js';
import type { ClusterConnections, Connection } from '../connection/index.js';
import { refusesAll } from '../gate/gate-triggers.js';
import { awaitCreators, countCreators, giveCreate, ownerMayCreate, takeCreate } from './create-right.js';
import { fenceTrigger } from './fence-queries.js';
import { clearMarkerOf, readMarker, writeMarker } from './moved-marker.js';
import {
  createTriggers,
  disableTriggers,
  dropTrigger,
  enableTriggers,
  type FencedTable,
  readTables,
} from './fence-triggers.js';
import { lockTables } from './lock-tables.js';
import { awaitFree, awaitHolders } from './long-holders.js';
import { standingTriggers } from './standing-triggers.js';

/**
 * Longest wait for one table's lock outside `arm`. Whoever comes after us waits as long behind us, so it is short; who holds one
 * for long is waited for before that, without a lock.
 */
const shortLockTimeoutMs = 500;

/** The fence of a tenant's tables in PostgreSQL. */
export class PostgresTenantFence extends TenantFence {
  readonly #connections: ClusterConnections;

  constructor(connections: ClusterConnections) {
    super();
    this.#connections = connections;
  }

  state(place: Place): Promise<FenceState> {
    return this.#read(place, async (client) => {
      const oid = await schemaOid(client, place);
      const tables = await readTables(client, oid);
      const mayCreate = await ownerMayCreate(client, oid);
      if (!mayCreate && tables.every(isArmed)) return 'armed';
      if (mayCreate && tables.every(({ enabled }) => enabled === null)) return 'open';
      return 'prepared';
    });
  }

  async prepare(place: Place, generation: number, actor: Actor): Promise<void> {
    const tables = await this.#write(place, actor, shortLockTimeoutMs, async (client) =>
      readTables(client, await schemaOid(client, place), generation),
    );
    // One that stands, of this generation, stays as it is: armed stays armed. Each in a transaction of its own: who holds the lock of one
    // table and waits for another's comes in the way of the tenant's own order.
    for (const table of tables.filter(({ genuine }) => !genuine)) {
      await awaitFree(this.#connections, place);
      await this.#write(place, actor, shortLockTimeoutMs, (client) =>
        createTriggers(client, place, [table], generation, 'disabled'),
      );
    }
  }

  async arm(
    place: Place,
    generation: number,
    actor: Actor,
    options: { readonly lockTimeoutMs: number },
  ): Promise<void> {
    const deadline = Date.now() + options.lockTimeoutMs;
    const { took, oid } = await this.#takeCreate(place, actor, options.lockTimeoutMs);
    try {
      const count = (): Promise<number> => this.#read(place, (client) => countCreators(client, oid));
      await awaitCreators(place, count, Math.max(0, deadline - Date.now()));
      await this.#read(place, (client) => awaitHolders(client, place, Math.max(0, deadline - Date.now())));
      const left = Math.max(50, deadline - Date.now());
      await this.#write(place, actor, left, async (client) => {
        await lockTables(client, place, await readTables(client, oid), left);
        // Read again under the lock: what was read before it may have been dropped or changed while it waited.
        const tables = await readTables(client, oid, generation);
        await createTriggers(
          client,
          place,
          tables.filter(({ genuine }) => !genuine),
          generation,
          'enabled',
        );
        await enableTriggers(
          client,
          place,
          tables.filter((table) => table.genuine && !isArmed(table)),
        );
      });
    } catch (error) {
      if (took)
        await this.#write(place, actor, options.lockTimeoutMs, (client) => giveCreate(client, place)).catch(
          () => undefined,
        );
      throw error;
    }
  }

  async remove(place: Place, actor: Actor): Promise<void> {
    await awaitFree(this.#connections, place);
    const tables = await this.#write(place, actor, shortLockTimeoutMs, async (client) => {
      const oid = await schemaOid(client, place);
      const marker = await readMarker(client, place.tenantId);
      const gated = await refusesAll(client, place, oid);
      if (marker !== null && !gated) {
        throw new BerthError(
          'past-point-of-no-return',
          `Tenant ${place.tenantId} has moved away from cluster ${place.clusterId}; its fence there stays.`,
          { details: { generation: marker.generation, operationId: marker.operationId } },
        );
      }
      // A closed gate keeps the right away by itself, and gives it back when it opens.
      if (!gated && !(await ownerMayCreate(client, oid))) await giveCreate(client, place);
      const standing = (await readTables(client, oid)).filter(({ enabled }) => enabled !== null);
      // Writers go on from this commit; dropping a trigger would stop readers too, so it is done one table at a time.
      await disableTriggers(
        client,
        place,
        standing.filter(({ enabled }) => enabled !== 'D'),
      );
      return standing;
    });
    for (const { name } of tables) {
      await awaitFree(this.#connections, place, 'everybody');
      await this.#write(place, actor, shortLockTimeoutMs, (client) => dropTrigger(client, place, name));
    }
  }

  async markMoved(
    place: Place,
    moved: { readonly generation: number; readonly fingerprint: string },
    actor: Actor,
  ): Promise<void> {
    await this.#write(place, actor, shortLockTimeoutMs, async (client) => {
      const oid = await schemaOid(client, place);
      // Held to the commit: without it the owner could take a fence away between the check and the marker.
      await lockTables(client, place, await readTables(client, oid), shortLockTimeoutMs);
      const open = (await readTables(client, oid, moved.generation)).filter((table) => !isArmed(table));
      if (open.length > 0 || (await ownerMayCreate(client, oid))) {
        const names = open.map(({ name }) => name);
        throw new BerthError(
          'fence-missing',
          names.length > 0
            ? `The fence is not armed on ${String(names.length)} of the tenant's tables: ${names.slice(0, 5).join(', ')}.`
            : "The owner may create tables in the tenant's schema, outside the fence.",
          {
            hint: 'Somebody changed the tables during the move. Cancel it and start it again.',
            details: { tables: names },
          },
        );
      }
      const found = fingerprintOf(await readDefinitions(client, place, { withMaintain: true }));
      if (found !== moved.fingerprint) {
        throw new BerthError('schema-changed', `The definition of schema ${place.schema} changed during the move.`, {
          hint: 'Cancel the move and start it again when no migration runs.',
          details: { expected: moved.fingerprint, found },
        });
      }
      await writeMarker(client, actor, moved.generation);
    });
  }

  movedMarker(place: Place, actor: Actor): Promise<MovedMarker | null> {
    const { clusterId, database, tenantId } = place;
    return this.#connections.withTransaction(clusterId, database, (client) => readMarker(client, tenantId), { actor });
  }

  async clearMarker(place: Place, actor: Actor): Promise<void> {
    // Not as the owner: at the end of a removal that role is gone.
    await this.#connections.withTransaction(
      place.clusterId,
      place.database,
      (client) => clearMarkerOf(client, place.tenantId),
      { actor },
    );
  }

  leftovers(place: Place): Promise<readonly string[]> {
    const { clusterId, tenantId } = place;
    return this.#read(place, async (client) => {
      const triggers = await standingTriggers(client, place, fenceTrigger);
      const marker = await readMarker(client, tenantId);
      return [
        ...triggers,
        ...(marker === null ? [] : [`The marker that ${tenantId} has moved away is still on cluster ${clusterId}.`]),
      ];
    });
  }

  fingerprint(place: Place): Promise<string> {
    return this.#read(place, async (client) =>
      fingerprintOf(await readDefinitions(client, place, { withMaintain: true })),
    );
  }

  /** In a transaction of its own, since only what is committed stops others: who creates from then on is refused. */
  #takeCreate(
    place: Place,
    actor: Actor,
    lockTimeoutMs: number,
  ): Promise<{ readonly took: boolean; readonly oid: string }> {
    return this.#write(place, actor, lockTimeoutMs, async (client) => {
      const oid = await schemaOid(client, place);
      const took = await ownerMayCreate(client, oid);
      if (took) await takeCreate(client, place);
      return { took, oid };
    });
  }

  #read<T>(place: Place, fn: (client: Connection) => Promise<T>): Promise<T> {
    return this.#connections.withTransaction(place.clusterId, place.database, fn, {
      readOnly: true,
      isolation: 'repeatable read',
    });
  }

  async #write<T>(
    place: Place,
    actor: Actor,
    lockTimeoutMs: number,
    fn: (client: Connection) => Promise<T>,
  ): Promise<T> {
    const run = (): Promise<T> =>
      this.#connections.withTransaction(place.clusterId, place.database, fn, {
        actor,
        lockTimeoutMs,
        memberOf: [place.ownerRole],
      });
    try {
      return await run();
    } catch (error) {
      // A deadlock with the tenant's own order of locks: PostgreSQL ended one of the two, and it may have been us.
      if (error instanceof BerthError && error.details['sqlState'] === '40P01') return run();
      throw error;
    }
  }
}

function isArmed({ genuine, enabled }: FencedTable): boolean {
  return genuine && (enabled === 'O' || enabled === 'A');
}
