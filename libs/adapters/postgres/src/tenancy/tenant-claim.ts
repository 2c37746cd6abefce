import { type Actor, BerthError, type Place } from '@berth/domain';
import { berthSchema, type Connection } from '../connection/index.js';
import { rolesOf } from './tenant-roles.js';

interface Found {
  /** The cluster was prepared by a version of Berth that knows of claims. */
  readonly known: boolean;
  readonly taken: readonly string[];
}

const lookAtPlace = `
  SELECT to_regclass('berth.claim') IS NOT NULL AS known, ARRAY(
    SELECT 'the schema ' || nspname FROM pg_namespace WHERE nspname = $1
    UNION ALL SELECT 'the role ' || rolname FROM pg_roles WHERE rolname = ANY ($2)) AS taken`;

const claimPlace = `
  INSERT INTO berth.claim (tenant_id, operation_id) VALUES ($1, $2)
  ON CONFLICT (tenant_id) DO UPDATE SET operation_id = excluded.operation_id, at = now()
  WHERE claim.operation_id <> excluded.operation_id`;

/** Runs behind the tenant's fence, so that two claims of one name never interleave. @throws BerthError `placement-conflict` */
export async function claim(client: Connection, place: Place, actor: Actor): Promise<void> {
  const { rows } = await client.query<Found>(lookAtPlace, [place.schema, rolesOf(place)]);
  const { known, taken } = rows[0] ?? { known: false, taken: [] };
  if (taken.length > 0 && (await claimant(client, place.tenantId)) !== actor.operationId) throw refusal(place, taken);
  if (!known) for (const { sql } of berthSchema) await client.query(sql);
  await client.query(claimPlace, [place.tenantId, actor.operationId]);
}

/** A cluster that was prepared by an older version has no table and so no claim. */
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

function refusal({ clusterId }: Place, taken: readonly string[]): BerthError {
  return new BerthError(
    'placement-conflict',
    `Cluster ${clusterId} has ${taken.join(', ')} already, and this operation did not make it.`,
    {
      hint: 'Nothing of it was touched. Choose another cluster, or have its administrator rename or drop what is there, then start again.',
      details: { clusterId, taken },
    },
  );
}
