import type { ReplicationStream } from '@berth/domain';
import type { CopiedRows } from '@berth/ports';
import { type Connection, quoteIdent, quoteLiteral, quoteQualified } from '../connection/index.js';
import { plannedTable } from '../replication/stream-names.js';
import type { CopyPart } from './copy-parts.js';

/**
 * Which parts have arrived: a table of the target, so that a part and its entry are one transaction; beside it what was planned. Both lie in
 * the stream's schema and go with it. An entry of no table ends it.
 */
function ledgerTable({ name }: ReplicationStream): string {
  return quoteQualified(name, 'copied');
}

/** Empties the ledger; `login`, which copies, may write to what has arrived. */
export async function beginLedger(client: Connection, stream: ReplicationStream): Promise<void> {
  await client.query(
    [
      `CREATE SCHEMA IF NOT EXISTS ${quoteIdent(stream.name)}`,
      `CREATE TABLE IF NOT EXISTS ${ledgerTable(stream)} (table_name text, part int, rows bigint NOT NULL, bytes bigint NOT NULL,
        ms int NOT NULL, again int NOT NULL, PRIMARY KEY (table_name, part))`,
      `CREATE TABLE IF NOT EXISTS ${plannedTable(stream)} (table_name text PRIMARY KEY, parts int NOT NULL, bytes bigint NOT NULL,
        file text NOT NULL, mark bigint NOT NULL, slot_start text NOT NULL)`,
      `TRUNCATE ${ledgerTable(stream)}, ${plannedTable(stream)}`,
    ].join('; '),
  );
}

/** A new login for each try. */
export async function openLedger(client: Connection, stream: ReplicationStream, login: string): Promise<void> {
  await client.query(
    [
      `GRANT USAGE ON SCHEMA ${quoteIdent(stream.name)} TO ${quoteIdent(login)}`,
      `GRANT SELECT, INSERT ON ${ledgerTable(stream)} TO ${quoteIdent(login)}`,
    ].join('; '),
  );
}

export interface PlannedTable {
  readonly table: string;
  /** Bytes on the source's disk. */
  readonly bytes: number;
  /** The file in which it lay at its moment. */
  readonly file: string;
  /** All its parts are there. */
  readonly arrived: boolean;
}

/** Notes what is to be copied at a moment: `mark` is 0 for that of the slot. What had arrived of these tables counts no more. */
export async function planTables(
  client: Connection,
  stream: ReplicationStream,
  parts: readonly CopyPart[],
  moment: { readonly mark: number; readonly slotStart: string },
): Promise<void> {
  const tables = new Map<string, { parts: number; bytes: number; file: string }>();
  for (const { table, bytes, file } of parts) {
    const before = tables.get(table) ?? { parts: 0, bytes: 0 };
    tables.set(table, { parts: before.parts + 1, bytes: before.bytes + bytes, file });
  }
  await client.query(`DELETE FROM ${ledgerTable(stream)} WHERE table_name = ANY ($1)`, [[...tables.keys()]]);
  await client.query(
    `INSERT INTO ${plannedTable(stream)} SELECT name, parts, bytes, file, $2, $3
     FROM json_to_recordset($1::json) AS t (name text, parts int, bytes bigint, file text)
     ON CONFLICT (table_name) DO UPDATE SET parts = excluded.parts, bytes = excluded.bytes, file = excluded.file, mark = excluded.mark`,
    [JSON.stringify([...tables].map(([name, table]) => ({ name, ...table }))), String(moment.mark), moment.slotStart],
  );
}

/** Of an earlier try, under this very slot; empty: there is none. */
export async function readPlan(
  client: Connection,
  stream: ReplicationStream,
  slotStart: string,
): Promise<readonly PlannedTable[]> {
  if (!(await isThere(client, stream))) return [];
  const { rows } = await client.query<PlannedTable>(
    `SELECT table_name AS table, bytes::float8 AS bytes, file, parts = (SELECT count(*) FROM ${ledgerTable(stream)} c
       WHERE c.table_name = p.table_name AND c.part >= 0) AS arrived
     FROM ${plannedTable(stream)} p WHERE slot_start = $1 ORDER BY 1`,
    [slotStart],
  );
  return rows;
}

export async function hasArrived(client: Connection, stream: ReplicationStream, part: CopyPart): Promise<boolean> {
  const { rowCount } = await client.query(`SELECT FROM ${ledgerTable(stream)} WHERE table_name = $1 AND part = $2`, [
    part.table,
    part.number,
  ]);
  return rowCount !== 0;
}

export interface Arrival {
  readonly rows: number;
  readonly bytes: number;
  readonly ms: number;
  readonly again: number;
}

export async function recordArrival(
  client: Connection,
  stream: ReplicationStream,
  { table, number }: Pick<CopyPart, 'table' | 'number'>,
  { rows, bytes, ms, again }: Arrival,
): Promise<void> {
  await client.query(`INSERT INTO ${ledgerTable(stream)} VALUES ($1, $2, $3, $4, $5, $6)`, [
    table,
    number,
    rows,
    bytes,
    ms,
    again,
  ]);
}

const end = { table: '', number: -1 } as const;

/** Closes it, if every part that was planned has arrived; answers with how many have not. */
export async function endLedger(client: Connection, stream: ReplicationStream, ms: number): Promise<number> {
  const { rows } = await client.query<{ missing: number }>(
    `SELECT (coalesce((SELECT sum(parts) FROM ${plannedTable(stream)}), 0) - (SELECT count(*) FROM ${ledgerTable(stream)} WHERE part >= 0))::int AS missing`,
  );
  const missing = rows[0]?.missing ?? 0;
  if (missing === 0) await recordArrival(client, stream, end, { rows: 0, bytes: 0, ms, again: 0 });
  return missing;
}

/** What was copied, once all of it was, under this very slot; null before. */
export async function readLedger(
  client: Connection,
  stream: ReplicationStream,
  slotStart: string,
): Promise<CopiedRows | null> {
  if (!(await isThere(client, stream))) return null;
  const { rows } = await client.query<CopiedRows & { readonly ended: boolean; readonly other: boolean }>(
    `SELECT count(DISTINCT table_name) FILTER (WHERE part >= 0)::int AS tables, count(*) FILTER (WHERE part >= 0)::int AS parts,
       coalesce(sum(rows), 0)::float8 AS rows, coalesce(sum(bytes), 0)::float8 AS bytes, coalesce(sum(again), 0)::int AS again,
       coalesce(max(ms) FILTER (WHERE part < 0), 0) AS ms, bool_or(part < 0) AS ended,
       (SELECT count(*)::int FROM ${plannedTable(stream)} WHERE mark < (SELECT max(mark) FROM ${plannedTable(stream)})) AS kept,
       EXISTS (SELECT FROM ${plannedTable(stream)} WHERE slot_start <> $1) AS other
     FROM ${ledgerTable(stream)}`,
    [slotStart],
  );
  const [row] = rows;
  if (row?.ended !== true || row.other) return null;
  const { tables, parts, rows: copied, bytes, again, kept, ms } = row;
  return { tables, parts, rows: copied, bytes, again, kept, ms };
}

async function isThere(client: Connection, stream: ReplicationStream): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(
    `SELECT to_regclass(${quoteLiteral(plannedTable(stream))}) IS NOT NULL AS known`,
  );
  return rows[0]?.known === true;
}
