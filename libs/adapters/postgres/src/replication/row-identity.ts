import { BerthError, type ReplicationStream, type RowIdentities, type RowIdentity } from '@berth/domain';
import { type Connection, quoteIdent, quoteQualified } from '../connection/index.js';
import { identityTable } from './stream-names.js';

export interface PublishedTable {
  readonly name: string;
  /** As PostgreSQL writes it: d(efault), n(othing), f(ull), i(ndex). */
  readonly identity: 'd' | 'n' | 'f' | 'i';
  /** The index of the identity `i`. */
  readonly identityIndex: string | null;
  /** Whether UPDATE and DELETE can be told by the identity that it has. */
  readonly usable: boolean;
  /** Indexes that could be the identity, the primary key first. */
  readonly candidates: readonly string[];
  readonly unlogged: boolean;
  /**
   * Columns by which no row is found, so that not all columns can be the identity: of a type without equality, as json or point, or generated,
   * as no stream carries them (PostgreSQL 18 refuses the tenant's UPDATE then).
   */
  readonly unfitForFull: readonly string[];
}

/** A deferrable key tells no rows apart while a transaction is open, and PostgreSQL refuses it as an identity; of a generated column no stream carries the value. */
const tablesQuery = `
  WITH RECURSIVE part(relation, attribute, type) AS (
    SELECT a.attrelid, a.attname, a.atttypid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = $1::oid AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    UNION
    SELECT p.relation, p.attribute, inner_type FROM part p JOIN pg_type t ON t.oid = p.type,
      LATERAL (SELECT t.typbasetype AS inner_type WHERE t.typtype = 'd'
        UNION ALL SELECT t.typelem WHERE t.typtype = 'b' AND t.typsubscript = 'pg_catalog.array_subscript_handler'::regproc
        UNION ALL SELECT a.atttypid FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS inside
  ), unfit AS (
    SELECT a.attrelid AS relation, a.attname AS attribute FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = $1::oid AND c.relkind = 'r' AND a.attgenerated <> '' AND NOT a.attisdropped
    UNION
    SELECT p.relation, p.attribute FROM part p JOIN pg_type t ON t.oid = p.type
    WHERE t.typtype = 'b' AND t.typsubscript <> 'pg_catalog.array_subscript_handler'::regproc AND NOT EXISTS (
      SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod WHERE m.amname IN ('btree', 'hash') AND o.opcdefault
        AND (o.opcintype = t.oid OR EXISTS (SELECT FROM pg_cast k WHERE k.castsource = t.oid AND k.casttarget = o.opcintype AND k.castmethod = 'b' AND k.castcontext = 'i')))
  ), fit AS (
    SELECT i.indrelid, i.indexrelid, i.indisprimary, i.indisreplident, x.relname
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = $1::oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
      AND NOT EXISTS (SELECT FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE k.place <= i.indnkeyatts AND (NOT a.attnotnull OR a.attgenerated <> '')))
  SELECT c.relname AS name, c.relreplident::text AS identity,
    (SELECT relname FROM fit WHERE fit.indrelid = c.oid AND indisreplident) AS "identityIndex",
    CASE c.relreplident WHEN 'f' THEN NOT EXISTS (SELECT FROM unfit u WHERE u.relation = c.oid) WHEN 'n' THEN false
      WHEN 'i' THEN EXISTS (SELECT FROM fit WHERE fit.indrelid = c.oid AND indisreplident)
      ELSE EXISTS (SELECT FROM fit WHERE fit.indrelid = c.oid AND indisprimary) END AS usable,
    ARRAY(SELECT relname::text FROM fit WHERE fit.indrelid = c.oid ORDER BY indisprimary DESC, relname) AS candidates,
    c.relpersistence = 'u' AS unlogged,
    ARRAY(SELECT attribute::text FROM unfit u WHERE u.relation = c.oid ORDER BY 1) AS "unfitForFull"
  FROM pg_class c WHERE c.relnamespace = $1::oid AND c.relkind = 'r' ORDER BY c.relname`;

export async function readPublishedTables(client: Connection, schemaOid: string): Promise<readonly PublishedTable[]> {
  return (await client.query<PublishedTable>(tablesQuery, [schemaOid])).rows;
}

/** Why a choice does not fit the table; undefined: it does. */
export function faultOfChoice(table: PublishedTable, choice: RowIdentity): string | undefined {
  if (choice === 'full') {
    if (table.unfitForFull.length === 0) return undefined;
    return `By ${table.unfitForFull.join(', ')} of ${table.name} no row can be found: generated, or of a type without equality`;
  }
  if (table.candidates.includes(choice.useIndex)) return undefined;
  return `${choice.useIndex} is no unique, immediate index over NOT NULL columns of ${table.name}`;
}

/** @throws `schema-changed`, `preflight-failed` when a choice is for no table, or does not fit it. */
export function refuseUnfit(
  { from }: ReplicationStream,
  tables: readonly PublishedTable[],
  identities: RowIdentities,
): void {
  for (const [name, choice] of Object.entries(identities)) {
    const table = tables.find((one) => one.name === name);
    if (table === undefined) throw new BerthError('schema-changed', `There is no table ${name} in ${from.schema}.`);
    const fault = faultOfChoice(table, choice);
    if (fault !== undefined) throw new BerthError('preflight-failed', `${fault}.`);
  }
}

/**
 * Sets what was chosen and keeps what was there before, in the same transaction. What is set already stays, so that a second
 * run does not keep our own choice as what was there before. The admin is a member of the owner role.
 */
export async function setIdentity(
  client: Connection,
  stream: ReplicationStream,
  table: PublishedTable,
  choice: RowIdentity,
): Promise<void> {
  const already = choice === 'full' ? table.identity === 'f' : table.identityIndex === choice.useIndex;
  if (already) return;
  await client.query(
    `INSERT INTO ${identityTable(stream)} (table_name, identity, index_name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [table.name, table.identity, table.identityIndex],
  );
  const identity = choice === 'full' ? 'FULL' : `USING INDEX ${quoteIdent(choice.useIndex)}`;
  await client.query(alterIdentity(stream, table.name, identity));
}

/** Tables whose identity is not what it was before. */
export async function readChanged(client: Connection, stream: ReplicationStream): Promise<readonly string[]> {
  const { rows: kept } = await client.query<{ kept: boolean }>('SELECT to_regclass($1) IS NOT NULL AS kept', [
    identityTable(stream),
  ]);
  if (kept[0]?.kept !== true) return [];
  const { rows } = await client.query<{ name: string }>(
    `SELECT table_name AS name FROM ${identityTable(stream)} ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Gives a table back what it had. One that is gone by now needs nothing. */
export async function restoreIdentity(client: Connection, stream: ReplicationStream, table: string): Promise<void> {
  const { rows } = await client.query<{ identity: string; index: string | null }>(
    `SELECT b.identity, b.index_name AS index FROM ${identityTable(stream)} b WHERE b.table_name = $2
       AND EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = b.table_name)`,
    [stream.from.schema, table],
  );
  const [before] = rows;
  if (before !== undefined) {
    const words: Readonly<Record<string, string>> = { d: 'DEFAULT', n: 'NOTHING', f: 'FULL' };
    const byIndex = before.index === null ? 'DEFAULT' : `USING INDEX ${quoteIdent(before.index)}`;
    await client.query(alterIdentity(stream, table, words[before.identity] ?? byIndex));
  }
  await client.query(`DELETE FROM ${identityTable(stream)} WHERE table_name = $1`, [table]);
}

function alterIdentity({ from }: ReplicationStream, table: string, identity: string): string {
  return `ALTER TABLE ONLY ${quoteQualified(from.schema, table)} REPLICA IDENTITY ${identity}`;
}
