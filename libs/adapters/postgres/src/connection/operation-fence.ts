import { type Actor, BerthError } from '@berth/domain';
import type { ClientBase } from 'pg';
import { sqlStateOf } from './translate-error.js';

/** The row stays locked until the transaction ends, so two actors on one tenant never interleave. */
const raiseFence = `
  INSERT INTO berth.operation_fence AS known (tenant_id, fence, operation_id)
  VALUES ($1, $2, $3)
  ON CONFLICT (tenant_id) DO UPDATE
    SET fence = excluded.fence, operation_id = excluded.operation_id, seen_at = now()
    WHERE known.fence <= excluded.fence
  RETURNING fence`;

/**
 * First statement of every transaction that changes something of a tenant: locks the tenant's row in the tenants' database and
 * raises its number. An actor whose lease was taken over carries a lower one. @throws BerthError `lease-lost` (nothing changed)
 */
export async function fenceOff(client: ClientBase, actor: Actor): Promise<void> {
  let raised: number | null;
  try {
    ({ rowCount: raised } = await client.query(raiseFence, [actor.tenantId, actor.fence, actor.operationId]));
  } catch (error) {
    const state = sqlStateOf(error);
    // No schema or no table of Berth's.
    if (state === '42P01' || state === '3F000') {
      throw new BerthError('preflight-failed', "Berth's own schema is missing in the tenants' database.", {
        hint: 'Prepare the cluster again.',
      });
    }
    throw error;
  }
  if (raised !== 1) {
    throw new BerthError('lease-lost', `A newer worker acts on tenant ${actor.tenantId}; this one changed nothing.`, {
      details: { operationId: actor.operationId, fence: actor.fence },
    });
  }
}
