import type pg from 'pg';

export interface TableCount {
  readonly table: string;
  readonly rows: number;
  /** Over every row's text, in the order of the text. */
  readonly digest: string;
}

/** Counts and digests every table of a schema, by the demo's own few lines: not by the code that moved it. */
export async function countTables(client: pg.Client, schema: string): Promise<readonly TableCount[]> {
  const { rows: tables } = await client.query<{ readonly name: string; readonly quoted: string }>(
    `SELECT c.relname AS name, format('%I.%I', n.nspname, c.relname) AS quoted
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relkind = 'r' ORDER BY c.relname`,
    [schema],
  );
  const counts: TableCount[] = [];
  for (const { name, quoted } of tables) {
    const { rows } = await client.query<{ readonly rows: string; readonly digest: string }>(
      `SELECT count(*) AS rows, coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') AS digest FROM ${quoted} AS t`,
    );
    counts.push({ table: name, rows: Number(rows[0]?.rows ?? 0), digest: rows[0]?.digest ?? '' });
  }
  return counts;
}

/** Tables that differ between two places; the ledger may have grown at the new one. */
export function differing(
  before: readonly TableCount[],
  after: readonly TableCount[],
  growing: string,
): readonly string[] {
  const present = new Map(after.map((one) => [one.table, one]));
  const faults = before.filter(({ table, rows, digest }) => {
    const now = present.get(table);
    if (now === undefined) return true;
    return table === growing ? now.rows < rows : now.rows !== rows || now.digest !== digest;
  });
  const extra = after.filter(({ table }) => !before.some((one) => one.table === table));
  return [...faults, ...extra].map(({ table }) => table);
}

export interface LedgerCount {
  readonly lost: number;
  readonly doubled: number;
}

export async function countLedger(client: pg.Client, acknowledged: readonly number[]): Promise<LedgerCount> {
  const { rows } = await client.query<{ readonly token: string; readonly times: string }>(
    'SELECT token, count(*) AS times FROM demo_ledger GROUP BY token',
  );
  const found = new Map(rows.map(({ token, times }) => [Number(token), Number(times)]));
  return {
    lost: acknowledged.filter((token) => !found.has(token)).length,
    doubled: [...found.values()].filter((times) => times > 1).length,
  };
}
