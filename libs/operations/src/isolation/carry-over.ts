import type { AttemptOutcome, IsolationReport, IsolationRow } from '@berth/domain';

const since = ' An earlier proof found it, and it was not tried since: ';

/**
 * What an earlier proof reached stays reached until it is tried again and refused: a tenant that is suspended, or a pooler that is
 * away, closes no hole. Pairs of tenants that have left are gone.
 */
export function carryOver(rows: readonly IsolationRow[], before: IsolationReport | null): readonly IsolationRow[] {
  const holes = new Map<string, AttemptOutcome>();
  for (const row of before?.rows ?? [])
    for (const one of row.others) if (one.verdict === 'reached') holes.set(keyOf(row, one), one);
  if (holes.size === 0) return rows;
  return rows.map((row) => ({
    ...row,
    others: row.others.map((one): AttemptOutcome => {
      const hole = one.verdict === 'not-tried' ? holes.get(keyOf(row, one)) : undefined;
      if (hole === undefined) return one;
      const [found = ''] = (hole.because ?? '').split(since);
      return { ...one, verdict: 'reached', because: `${found}${since}${one.because ?? ''}` };
    }),
  }));
}

/** The pairs that have to be tried, whatever else is. */
export function reachedPairs(report: IsolationReport | null): readonly Pick<IsolationRow, 'from' | 'to'>[] {
  const rows = report?.rows ?? [];
  return rows.filter(({ others }) => others.some(({ verdict }) => verdict === 'reached'));
}

function keyOf({ from, to, pooler }: IsolationRow, { attempt }: AttemptOutcome): string {
  return JSON.stringify([from, to, pooler, attempt]);
}
