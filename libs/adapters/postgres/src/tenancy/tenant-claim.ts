import { type Actor, BerthError, type Place } from '@berth/domain';
import type { Connection } from '../connection/index.js';
import { existingRoles } from './tenant-sessions.js';

const claimPlace = `
  INSERT INTO berth.claim (tenant_id, operation_id) VALUES ($1, $2)
  ON CONFLICT (tenant_id) DO UPDATE SET operation_id = excluded.operation_id, at = now()
  WHERE claim.operation_id <> excluded.operation_id`;

/** Runs behind the tenant's fence, so that two claims of one name never interleave. @throws BerthError `placement-conflict` */
export async function claim(client: Connection, place: Place, actor: Actor): Promise<void> {
  if ((await claimant(client, place.tenantId)) !== actor.operationId) await refuseTaken(client, place);
  await client.query(claimPlace, [place.tenantId, actor.operationId]);
}

/** A cluster that was never prepared has no table and so no claim. */
export async function claimant(client: Connection, tenantId: string): Promise<string | null> {
  if (!(await hasClaims(client))) return null;
  const { rows } = await client.query<{ operation_id: string }>(
    'SELECT operation_id FROM berth.claim WHERE tenant_id = $1',
    [tenantId],
  );
  return rows[0]?.operation_id ?? null;
}

export async function endClaim(client: Connection, tenantId: string): Promise<void> {
  if (await hasClaims(client)) await client.query('DELETE FROM berth.claim WHERE tenant_id = $1', [tenantId]);
}

async function hasClaims(client: Connection): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(`SELECT to_regclass('berth.claim') IS NOT NULL AS known`);
  return rows[0]?.known === true;
}

async function refuseTaken(client: Connection, place: Place): Promise<void> {
  const { rows } = await client.query<{ nspname: string }>('SELECT nspname FROM pg_namespace WHERE nspname = $1', [
    place.schema,
  ]);
  const taken = [
    ...rows.map(({ nspname }) => `the schema ${nspname}`),
    ...(await existingRoles(client, place)).map((role) => `the role ${role}`),
  ];
  if (taken.length === 0) return;
  throw new BerthError(
    'placement-conflict',
    `Cluster ${place.clusterId} has ${taken.join(', ')} already, and this operation did not make it.`,
    {
      hint: 'Nothing of it was touched. Choose another cluster, or have its administrator rename or drop what is there, then start again.',
      details: { clusterId: place.clusterId, taken },
    },
  );
}
