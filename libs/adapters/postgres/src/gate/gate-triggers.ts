import type { Place } from '@berth/domain';
import { berthSchema, type Connection, quoteLiteral, quoteQualified } from '../connection/index.js';
import { giveCreateSql } from '../fence/create-right.js';

/** Name of the trigger on every table. */
export const gateTrigger = 'berth_gate';

export interface GatedTable {
  readonly name: string;
  readonly stands: boolean;
}

/** Partitions and heirs too: a statement trigger fires for the table that the statement names. $1 schema. */
const gatedTablesQuery = `
  SELECT c.relname AS name, coalesce(p.proname = 'refuse_closed' AND t.tgenabled IN ('O', 'A') AND t.tgtype = 62 AND t.tgqual IS NULL
      AND p.pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'berth'), false) AS stands
  FROM pg_class c
  LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = '${gateTrigger}'
  LEFT JOIN pg_proc p ON p.oid = t.tgfoid
  WHERE c.relnamespace = $1::oid AND c.relkind IN ('r', 'p')
  ORDER BY c.oid`;

export async function readGated(client: Connection, schemaOid: string): Promise<readonly GatedTable[]> {
  return (await client.query<GatedTable>(gatedTablesQuery, [schemaOid])).rows;
}

/** Whether the cluster has gates at all: one that an older version prepared does not. */
export async function hasGates(client: Connection): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(`SELECT to_regclass('berth.gate') IS NOT NULL AS known`);
  return rows[0]?.known === true;
}

/** `open` of its row, whatever stands; null: there is no row. */
export async function readGateRow(client: Connection, tenantId: string): Promise<boolean | null> {
  if (!(await hasGates(client))) return null;
  const { rows } = await client.query<{ open: boolean }>('SELECT open FROM berth.gate WHERE tenant_id = $1', [
    tenantId,
  ]);
  return rows[0]?.open ?? null;
}

/** Whether the gate alone refuses every write of a client. */
export async function refusesAll(client: Connection, place: Place, schemaOid: string): Promise<boolean> {
  if ((await readGateRow(client, place.tenantId)) !== false) return false;
  return (await readGated(client, schemaOid)).every(({ stands }) => stands);
}

export async function standGate(
  client: Connection,
  place: Place,
  tables: readonly GatedTable[],
  generation: number,
): Promise<void> {
  const args = [place.tenantId, String(generation)].map(quoteLiteral).join(', ');
  const statements = tables.map(
    ({ name }) =>
      `CREATE OR REPLACE TRIGGER ${gateTrigger} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ${quoteQualified(place.schema, name)}
       FOR EACH STATEMENT EXECUTE FUNCTION berth.refuse_closed(${args})`,
  );
  if (statements.length > 0) await client.query(statements.join(';\n'));
}

export async function dropGate(client: Connection, place: Place, table: string): Promise<void> {
  await client.query(`DROP TRIGGER IF EXISTS ${gateTrigger} ON ${quoteQualified(place.schema, table)}`);
}

/** What was added since the cluster was prepared. The switch must not be what finds out. */
export async function completeGateTable(client: Connection): Promise<void> {
  for (const { object, sql } of berthSchema) if (object.endsWith('of berth.gate')) await client.query(sql);
}

/** Where the target's log stood when its gate was opened; null: it is closed, or gone. */
export async function readOpened(client: Connection, tenantId: string): Promise<string | null> {
  const { rows } = await client.query<{ lsn: string | null }>(
    'SELECT opened_lsn::text AS lsn FROM berth.gate WHERE tenant_id = $1 AND open',
    [tenantId],
  );
  return rows[0]?.lsn ?? null;
}

/**
 * What opens the gate, inside a transaction and in one message: one row, and the right to make tables. The admin is a member of the
 * owner role.
 */
export function openGateSql(place: Place): string {
  // Read before this commits, so whatever a client writes here lies behind it; a second opening leaves the first one's.
  const lsn = 'CASE WHEN open THEN opened_lsn ELSE pg_current_wal_insert_lsn() END';
  return `UPDATE berth.gate SET open = true, at = now(), opened_lsn = ${lsn} WHERE tenant_id = ${quoteLiteral(place.tenantId)}; ${giveCreateSql(place)}`;
}
