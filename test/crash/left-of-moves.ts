import { tenantsDatabase, type TenantId } from '@berth/domain';
import pg from 'pg';
import type { World } from './world.js';

const streamName = String.raw`'^berth_.*_g\d+_[fr]$'`;

/** What a move makes on a server of its own and takes away again, a sentence each. With the names of others' moves. */
const query = `
  SELECT 'slot ' || slot_name FROM pg_replication_slots
  UNION ALL SELECT 'subscription ' || subname FROM pg_subscription
  UNION ALL SELECT 'publication ' || pubname FROM pg_publication
  UNION ALL SELECT 'role of a stream ' || rolname FROM pg_roles WHERE rolname ~ ${streamName}
  UNION ALL SELECT 'schema of a stream ' || nspname FROM pg_namespace WHERE nspname ~ ${streamName}
  UNION ALL SELECT format('trigger %s on %s.%s', tgname, relnamespace::regnamespace, relname)
    FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE tgname LIKE 'berth%'
  UNION ALL SELECT 'gate of ' || tenant_id FROM berth.gate
  ORDER BY 1`;

/** Of these tenants, whose moves are closed: none keeps its way back. Read from the server itself, an instance of a tenant's own too. */
export async function leftOfMoves(
  world: World,
  clusterId: string,
  tenants: readonly TenantId[],
): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: await adminUrl(world, clusterId), connectionTimeoutMillis: 30_000 });
  await client.connect();
  try {
    const { rows } = await client.query<[string]>({ text: query, rowMode: 'array' });
    return rows.map(([what]) => what).filter((what) => tenants.some((tenantId) => isOf(tenantId, what)));
  } finally {
    await client.end();
  }
}

/** Ids have hyphens, names on servers underscores; of the tests' ids none is the beginning of another. */
function isOf(tenantId: TenantId, what: string): boolean {
  return what.includes(tenantId) || what.includes(tenantId.replaceAll('-', '_'));
}

async function adminUrl(world: World, clusterId: string): Promise<string> {
  const server = world.servers[clusterId];
  if (server !== undefined) return server.superuserUrl(tenantsDatabase);
  const { host, port, user, password, database } = await world.tools.directory.access(clusterId);
  const url = new URL(`postgresql://${host}:${String(port)}/${database}`);
  return Object.assign(url, { username: user, password }).href;
}
