import type { ReplicationStream } from '@berth/domain';
import type { CopiedRows } from '@berth/ports';
import { type Connection, quoteIdent, quoteLiteral, quoteQualified } from '../connection/index.js';
import type { CopyPart } from './copy-parts.js';

/**
 * Which parts have arrived: a table of the target, so that a part and its entry are one transaction. It lies in the stream's
 * schema and goes with it. An entry of no table ends it.
 */
function ledgerTable({ name }: ReplicationStream): string {
  return quoteQualified(name, 'copied');
}

/** Empties the ledger; `login`, which copies, may write to it. */
export async function beginLedger(client: Connection, stream: ReplicationStream, login: string): Promise<void> {
  await client.query(
    [
      `CREATE SCHEMA IF NOT EXISTS ${quoteIdent(stream.name)}`,
      `CREATE TABLE IF NOT EXISTS ${ledgerTable(stream)} (table_name text, part int, rows bigint NOT NULL, bytes bigint NOT NULL,
        ms int NOT NULL, again int NOT NULL, PRIMARY KEY (table_name, part))`,
      `TRUNCATE ${ledgerTable(stream)}`,
      `GRANT USAGE ON SCHEMA ${quoteIdent(stream.name)} TO ${quoteIdent(login)}`,
      `GRANT SELECT, INSERT ON ${ledgerTable(stream)} TO ${quoteIdent(login)}`,
    ].join('; '),
  );
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

export async function endLedger(client: Connection, stream: ReplicationStream, ms: number): Promise<void> {
  await recordArrival(client, stream, end, { rows: 0, bytes: 0, ms, again: 0 });
}

/** What was copied, once all of it was; null before. */
export async function readLedger(client: Connection, stream: ReplicationStream): Promise<CopiedRows | null> {
  const { rows: known } = await client.query<{ known: boolean }>(
    `SELECT to_regclass(${quoteLiteral(ledgerTable(stream))}) IS NOT NULL AS known`,
  );
  if (known[0]?.known !== true) return null;
  const { rows } = await client.query<CopiedRows & { readonly ended: boolean }>(
    `SELECT count(DISTINCT table_name) FILTER (WHERE part >= 0)::int AS tables, count(*) FILTER (WHERE part >= 0)::int AS parts,
       coalesce(sum(rows), 0)::float8 AS rows, coalesce(sum(bytes), 0)::float8 AS bytes, coalesce(sum(again), 0)::int AS again,
       coalesce(max(ms) FILTER (WHERE part < 0), 0) AS ms, bool_or(part < 0) AS ended FROM ${ledgerTable(stream)}`,
  );
  const [row] = rows;
  if (row?.ended !== true) return null;
  const { tables, parts, rows: copied, bytes, again, ms } = row;
  return { tables, parts, rows: copied, bytes, again, ms };
}
