import { BerthError, type Finding, ownerOfStream, type Place, type TenantId } from '@berth/domain';
import { ServerExaminer, type ServerReading, type TrustRule, type WantedTenant } from '@berth/ports';
import type { ClusterConnections, Connection } from '../connection/index.js';
import { dropScratch } from '../copy/scratch-database.js';
import { PostgresTenantReplication } from '../replication/postgres-tenant-replication.js';
import { tenantsGroup } from '../tenancy/cluster-roles.js';
import { deviationsOf } from '../tenancy/tenant-facts.js';
import { readTenantStates } from '../tenancy/tenant-state.js';
import { examinedSettings, mayReadRulesSql, serverReadingSql, trustRulesSql } from './server-reading.sql.js';

/** Tenants of one question. A backend keeps what it met of the catalogs until it ends; a connection of its own ends soon. */
const tenantsAtOnce = 200;

/** A question about a whole server that takes longer is given up. */
const boundedSql = `SET LOCAL statement_timeout = '20s'`;

/** Servers as the doctor reads them, by their catalogs alone. */
export class PostgresServerExaminer extends ServerExaminer {
  readonly #connections: ClusterConnections;

  constructor(connections: ClusterConnections) {
    super();
    this.#connections = connections;
  }

  async read(clusterId: string): Promise<ServerReading> {
    return await this.#read(clusterId, undefined, async (client) => {
      const { rows } = await client.query<{ reading: Omit<ServerReading, 'trust'> }>(serverReadingSql, [
        examinedSettings,
        tenantsGroup,
      ]);
      const reading = rows[0]?.reading;
      if (reading === undefined) throw new Error('the reading of a server always gives one row');
      return { ...reading, trust: await readTrust(client) };
    });
  }

  async drift(clusterId: string, wanted: readonly WantedTenant[]): Promise<ReadonlyMap<TenantId, readonly Finding[]>> {
    const found = new Map<TenantId, readonly Finding[]>();
    for (const database of new Set(wanted.map(({ place }) => place.database))) {
      const inhabitants = wanted.filter(({ place }) => place.database === database);
      for (let first = 0; first < inhabitants.length; first += tenantsAtOnce) {
        const some = inhabitants.slice(first, first + tenantsAtOnce);
        const states = await this.#connections.withClient(clusterId, database, (client) =>
          bounded(client, () =>
            readTenantStates(
              client,
              some.map(({ place }) => place),
            ),
          ),
        );
        for (const [index, one] of some.entries()) {
          const state = states[index];
          if (state === undefined) throw new Error('the query of the tenant states gives one row for each');
          found.set(
            one.place.tenantId,
            deviationsOf(state, one).map(({ finding }) => finding),
          );
        }
      }
    }
    return found;
  }

  async removeStream(place: Place, name: string): Promise<void> {
    if (ownerOfStream(name)?.tenantId !== place.tenantId)
      throw new BerthError('invalid-request', `${name} is no stream of ${place.tenantId}.`);
    const replication = new PostgresTenantReplication(this.#connections);
    // Both of its ends are here: what this server does not have is no work.
    const stream = { name, from: place, to: place };
    const fence = await this.#fenceOf(place);
    await replication.remove(stream, { operationId: 'doctor', tenantId: place.tenantId, fence });
    const leftovers = await replication.leftovers(stream);
    if (leftovers.length > 0)
      throw new BerthError('leftovers-found', leftovers.join(' '), { details: { leftovers: [...new Set(leftovers)] } });
  }

  dropScratch(clusterId: string, database: string): Promise<void> {
    return dropScratch(this.#connections, clusterId, database);
  }

  /** The number as it stands: an operation that begins raises it, and whoever carries the old one is refused. */
  async #fenceOf({ clusterId, database, tenantId }: Place): Promise<number> {
    return await this.#read(clusterId, database, async (client) => {
      const { rows } = await client.query<{ fence: string }>(
        'SELECT fence FROM berth.operation_fence WHERE tenant_id = $1',
        [tenantId],
      );
      return Number(rows[0]?.fence ?? 0);
    });
  }

  #read<T>(clusterId: string, database: string | undefined, fn: (client: Connection) => Promise<T>): Promise<T> {
    return this.#connections.withTransaction(
      clusterId,
      database,
      async (client) => {
        await client.query(boundedSql);
        return await fn(client);
      },
      { readOnly: true },
    );
  }
}

async function bounded<T>(client: Connection, fn: () => Promise<T>): Promise<T> {
  await client.query(`BEGIN READ ONLY; ${boundedSql}`);
  const result = await fn();
  await client.query('COMMIT');
  return result;
}

async function readTrust(client: Connection): Promise<readonly TrustRule[] | null> {
  const { rows } = await client.query<{ may: boolean }>(mayReadRulesSql);
  return rows[0]?.may === true ? (await client.query<TrustRule>(trustRulesSql)).rows : null;
}
