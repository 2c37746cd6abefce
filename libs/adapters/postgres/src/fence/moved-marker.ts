import { type Actor, BerthError } from '@berth/domain';
import type { MovedMarker } from '@berth/ports';
import { type Connection, quoteLiteral } from '../connection/index.js';

/** A cluster that was never prepared has no table and so no marker: null. */
export async function readMarker(client: Connection, tenantId: string): Promise<MovedMarker | null> {
  const { rows: known } = await client.query<{ known: boolean }>(
    `SELECT to_regclass('berth.moved') IS NOT NULL AS known`,
  );
  if (known[0]?.known !== true) return null;
  const { rows } = await client.query<{ generation: string; operation_id: string; at: Date }>(
    'SELECT generation, operation_id, at FROM berth.moved WHERE tenant_id = $1',
    [tenantId],
  );
  const row = rows[0];
  return row === undefined ? null : { generation: Number(row.generation), operationId: row.operation_id, at: row.at };
}

/** Writing the same marker again changes nothing; another move's marker is never overwritten. */
export async function writeMarker(client: Connection, actor: Actor, generation: number): Promise<void> {
  const known = await readMarker(client, actor.tenantId);
  if (known?.generation === generation && known.operationId === actor.operationId) return;
  if (known !== null) throw alreadyMoved(actor, known);
  await client.query(newMarkerSql(actor, generation));
}

/** For who sends more in the same message. Fails as a duplicate (23505) where a marker is. */
export function newMarkerSql({ tenantId, operationId }: Actor, generation: number): string {
  const values = [tenantId, String(generation), operationId].map(quoteLiteral).join(', ');
  return `INSERT INTO berth.moved (tenant_id, generation, operation_id) VALUES (${values})`;
}

export function alreadyMoved({ tenantId }: Actor, known: MovedMarker | null): BerthError {
  const to = known === null ? '' : `, to generation ${String(known.generation)}`;
  return new BerthError('placement-conflict', `Tenant ${tenantId} has already moved${to}.`, {
    details: { generation: known?.generation ?? null, operationId: known?.operationId ?? null },
  });
}

export async function clearMarkerOf(client: Connection, tenantId: string): Promise<void> {
  const { rows } = await client.query<{ known: boolean }>(`SELECT to_regclass('berth.moved') IS NOT NULL AS known`);
  if (rows[0]?.known === true) await client.query('DELETE FROM berth.moved WHERE tenant_id = $1', [tenantId]);
}
