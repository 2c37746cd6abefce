import type { Actor, Place } from '@berth/domain';
import { type GateState, TenantGate } from '@berth/ports';
import { schemaOid } from '../comparison/definitions.js';
import type { ClusterConnections, Connection } from '../connection/index.js';
import { takeCreate } from '../fence/create-right.js';
import { awaitFree } from '../fence/long-holders.js';
import { standingTriggers } from '../fence/standing-triggers.js';
import {
  completeGateTable,
  dropGate,
  gateTrigger,
  hasGates,
  openGateSql,
  readGated,
  readGateRow,
  refusesAll,
  standGate,
} from './gate-triggers.js';

/** Longest wait for one table's lock: whoever comes after us waits as long behind us. Who holds one for long is waited for before that. */
const lockTimeoutMs = 500;

/** The gate of a tenant's tables in PostgreSQL. */
export class PostgresTenantGate extends TenantGate {
  readonly #connections: ClusterConnections;

  constructor(connections: ClusterConnections) {
    super();
    this.#connections = connections;
  }

  state(place: Place): Promise<GateState> {
    return this.#connections.withTransaction(
      place.clusterId,
      place.database,
      async (client) => {
        // An open gate is open on whatever table it still stands; a closed one has to stand on all.
        if ((await readGateRow(client, place.tenantId)) === true) return 'open';
        return (await refusesAll(client, place, await schemaOid(client, place))) ? 'closed' : 'none';
      },
      { readOnly: true, isolation: 'repeatable read' },
    );
  }

  async close(place: Place, generation: number, actor: Actor): Promise<void> {
    await awaitFree(this.#connections, place);
    await this.#write(place, actor, async (client) => {
      await completeGateTable(client);
      await client.query(
        `INSERT INTO berth.gate (tenant_id, operation_id, open) VALUES ($1, $2, false)
         ON CONFLICT (tenant_id) DO UPDATE SET open = false, opened_lsn = NULL, operation_id = excluded.operation_id, at = now()`,
        [place.tenantId, actor.operationId],
      );
      // A table that somebody makes here now would have no gate: what is written to it would be nowhere once the move goes on, or back.
      await takeCreate(client, place);
      await standGate(client, place, await readGated(client, await schemaOid(client, place)), generation);
    });
  }

  async open(place: Place, actor: Actor): Promise<void> {
    await this.#write(place, actor, async (client) => {
      await completeGateTable(client);
      // The switch's own opening may not have reached the disk, which it takes there too.
      await client.query(`SET LOCAL synchronous_commit = on; ${openGateSql(place)}`);
    });
  }

  async remove(place: Place, actor: Actor): Promise<void> {
    const tables = await this.#write(place, actor, async (client) => readGated(client, await schemaOid(client, place)));
    for (const { name } of tables) {
      await awaitFree(this.#connections, place, 'everybody');
      await this.#write(place, actor, (client) => dropGate(client, place, name));
    }
    await this.#write(place, actor, async (client) => {
      if (await hasGates(client)) await client.query('DELETE FROM berth.gate WHERE tenant_id = $1', [place.tenantId]);
    });
  }

  leftovers(place: Place): Promise<readonly string[]> {
    const { clusterId, database, tenantId } = place;
    return this.#connections.withTransaction(
      clusterId,
      database,
      async (client) => {
        const triggers = await standingTriggers(client, place, gateTrigger);
        const row = await readGateRow(client, tenantId);
        return [
          ...triggers,
          ...(row === null ? [] : [`The row of ${tenantId} is still in berth.gate on cluster ${clusterId}.`]),
        ];
      },
      { readOnly: true, isolation: 'repeatable read' },
    );
  }

  #write<T>(place: Place, actor: Actor, fn: (client: Connection) => Promise<T>): Promise<T> {
    const options = { actor, lockTimeoutMs, memberOf: [place.ownerRole] };
    return this.#connections.withTransaction(place.clusterId, place.database, fn, options);
  }
}
