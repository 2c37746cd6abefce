/** One round: what anchor and subject reached right after one another, so that both met the same weather. */
export interface Pair {
  readonly anchor: number;
  readonly subject: number;
}

/**
 * Measures both in turn. Every second round begins with the subject, so that neither always finds the caches warm. `warmUp`
 * rounds are thrown away.
 */
export async function interleave(
  options: { readonly rounds: number; readonly warmUp?: number },
  measure: { readonly anchor: () => Promise<number>; readonly subject: () => Promise<number> },
): Promise<readonly Pair[]> {
  const { rounds, warmUp = 0 } = options;
  const pairs: Pair[] = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    const first = round % 2 === 0 ? await measure.anchor() : await measure.subject();
    const second = round % 2 === 0 ? await measure.subject() : await measure.anchor();
    const pair = round % 2 === 0 ? { anchor: first, subject: second } : { anchor: second, subject: first };
    if (round >= 0) pairs.push(pair);
  }
  return pairs;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Of each round, the subject against the anchor. */
export function ratios(pairs: readonly Pair[]): readonly number[] {
  return pairs.map(({ anchor, subject }) => subject / anchor);
}

/** The median of the rounds' own ratios: what disturbs one round does not reach the others. */
export function medianRatio(pairs: readonly Pair[]): number {
  return median(ratios(pairs));
}

export function medians(pairs: readonly Pair[]): Pair {
  return { anchor: median(pairs.map(({ anchor }) => anchor)), subject: median(pairs.map(({ subject }) => subject)) };
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
