import { attemptKinds } from '@berth/domain';
import type { Schemas } from '../api/client.js';

export type Report = NonNullable<Schemas['IsolationProof']['report']>;
type Verdict = NonNullable<Schemas['IsolationProof']['verdict']>;

export interface Cell {
  readonly from: string;
  readonly to: string;
  /** `directly` or `pooler <id>`. */
  readonly way: string;
  readonly attempt: string;
  readonly because: string;
}

export interface Total {
  readonly attempt: string;
  readonly refused: number;
  readonly reached: number;
  readonly notTried: number;
}

const sentences: Readonly<Record<Verdict, string>> = {
  isolated: 'every attempt of every pair was refused',
  broken: 'a tenant can reach another one',
  incomplete: 'nothing was reached, and something was not tried',
  'no-pairs': 'there are fewer than two tenants',
};

export function verdictSentence(verdict: Verdict): string {
  return sentences[verdict];
}

export function wayText(pooler: string | null): string {
  return pooler === null ? 'directly' : `pooler ${pooler}`;
}

/** Every attempt over all ways, in the order of the domain. */
export function totals({ counts }: Report): readonly Total[] {
  return Object.keys(attemptKinds).flatMap((attempt) => {
    const own = counts.filter((one) => one.attempt === attempt);
    if (own.length === 0) return [];
    const sum = (of: (one: Total) => number) => own.reduce((all, one) => all + of(one), 0);
    return [
      {
        attempt,
        refused: sum(({ refused }) => refused),
        reached: sum(({ reached }) => reached),
        notTried: sum(({ notTried }) => notTried),
      },
    ];
  });
}

export function reachedCells({ rows }: Report): readonly Cell[] {
  return rows.flatMap(({ from, to, pooler, others }) =>
    others.flatMap(({ attempt, verdict, because }) =>
      verdict === 'reached' ? [{ from, to, way: wayText(pooler), attempt, because: because ?? '' }] : [],
    ),
  );
}

/** Why something was not tried, the most frequent first. */
export function notTriedReasons({ rows }: Report): readonly { readonly because: string; readonly times: number }[] {
  const times = new Map<string, number>();
  for (const { others } of rows)
    for (const { verdict, because } of others)
      if (verdict === 'not-tried') times.set(because ?? '', (times.get(because ?? '') ?? 0) + 1);
  return [...times].map(([because, number]) => ({ because, times: number })).sort((one, two) => two.times - one.times);
}
