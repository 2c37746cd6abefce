import { type Connection, quoteLiteral } from '../connection/index.js';

/**
 * The text form of a row must not depend on the server, the database, the role or the day; a row that a policy hides must be
 * an error and never silence. TimeZone and the others are settings that a database or a role may carry.
 */
export const comparedSettings: readonly string[] = [
  `search_path = pg_catalog`,
  `extra_float_digits = 1`,
  `"TimeZone" = 'UTC'`,
  `"DateStyle" = 'ISO, YMD'`,
  `"IntervalStyle" = 'postgres'`,
  `bytea_output = 'hex'`,
  `xmloption = 'content'`,
  `lc_monetary = 'C'`,
  `lc_numeric = 'C'`,
  `lc_time = 'C'`,
  `row_security = off`,
  `jit = off`,
  `work_mem = '64MB'`,
  `statement_timeout = 0`,
  `lock_timeout = '10s'`,
  `idle_in_transaction_session_timeout = 0`,
];

/**
 * Begins a transaction that only reads, under a snapshot that another session has exported, or one of its own: that is taken by the first
 * query, as no setting needs one.
 */
export async function beginUnder(client: Connection, snapshot?: string): Promise<void> {
  await client.query(
    [
      'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
      ...(snapshot === undefined ? [] : [`SET TRANSACTION SNAPSHOT ${quoteLiteral(snapshot)}`]),
      ...comparedSettings.map((setting) => `SET LOCAL ${setting}`),
    ].join('; '),
  );
}

/** Others can read under it until this transaction ends. */
export async function exportSnapshot(client: Connection): Promise<string> {
  const { rows } = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
  return rows[0]?.id ?? '';
}
