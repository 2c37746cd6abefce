import { type Actor, BerthError, type Place } from '@berth/domain';
import { berthSchema, type Connection } from '../connection/index.js';
import type { Holdings } from './holdings.js';

/** What the server keeps of a tenant on trial. */
export interface AdoptionRecord {
  readonly operationId: string;
  readonly before: Holdings;
}

/** A cluster that was prepared by an older version has no table and so nobody on trial. */
export async function readRecord(client: Connection, tenantId: string): Promise<AdoptionRecord | null> {
  if (!(await hasRecords(client))) return null;
  const { rows } = await client.query<AdoptionRecord>(
    'SELECT operation_id AS "operationId", before FROM berth.adoption WHERE tenant_id = $1',
    [tenantId],
  );
  return rows[0] ?? null;
}

/** The record of this operation. @throws BerthError `placement-conflict`: another one has the tenant on trial */
export async function ownRecord(client: Connection, place: Place, actor: Actor): Promise<AdoptionRecord | null> {
  const record = await readRecord(client, place.tenantId);
  if (record === null || record.operationId === actor.operationId) return record;
  throw new BerthError('placement-conflict', `Another operation has tenant ${place.tenantId} on trial.`, {
    hint: `Look at it: berth operations show ${record.operationId}`,
    details: { operationId: record.operationId },
  });
}

export async function writeRecord(client: Connection, place: Place, actor: Actor, before: Holdings): Promise<void> {
  if (!(await hasRecords(client))) for (const { sql } of berthSchema) await client.query(sql);
  await client.query('INSERT INTO berth.adoption (tenant_id, operation_id, before) VALUES ($1, $2, $3)', [
    place.tenantId,
    actor.operationId,
    JSON.stringify(before),
  ]);
}

export async function endRecord(client: Connection, place: Place): Promise<void> {
  await client.query('DELETE FROM berth.adoption WHERE tenant_id = $1', [place.tenantId]);
}

async function hasRecords(client: Connection): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(`SELECT to_regclass('berth.adoption') IS NOT NULL AS known`);
  return rows[0]?.known === true;
}
