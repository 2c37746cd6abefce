import { createHash } from 'node:crypto';
import type { TenantId } from '@berth/domain';

export interface ChosenPairs {
  /** Whom each tenant tries to reach. */
  readonly targets: ReadonlyMap<TenantId, readonly TenantId[]>;
  readonly pairs: number;
  readonly allPairs: number;
  /** How they were chosen; null: all of them. */
  readonly sample: string | null;
}

/** Up to so many tenants every ordered pair is tried; above, as many pairs as these have. */
export const allPairsUpTo = 50;
const mostPairs = allPairsUpTo * (allPairsUpTo - 1);

/**
 * Which tenant tries to reach which. A sample takes every tenant as the one who tries and as the one who is tried, each equally
 * often, in an order that the seed decides: another proof tries other pairs. `must` are in it whatever the seed.
 */
export function choosePairs(
  from: readonly TenantId[],
  to: readonly TenantId[],
  {
    seed,
    must = [],
  }: { readonly seed: string; readonly must?: readonly { readonly from: TenantId; readonly to: TenantId }[] },
): ChosenPairs {
  const allPairs = from.reduce((sum, one) => sum + to.filter((other) => other !== one).length, 0);
  if (new Set([...from, ...to]).size <= allPairsUpTo) {
    const targets = new Map(from.map((one) => [one, to.filter((other) => other !== one)]));
    return { targets, pairs: allPairs, allPairs, sample: null };
  }
  const each = Math.max(1, Math.floor(mostPairs / from.length));
  const ring = shuffled(to, seed);
  const order = shuffled(from, seed);
  const targets = new Map(
    order.map((one, index) => {
      const wanted = must.filter((pair) => pair.from === one && to.includes(pair.to)).map((pair) => pair.to);
      const start = Math.floor((index * ring.length) / order.length);
      const next = [...ring.slice(start), ...ring.slice(0, start)].filter((other) => other !== one);
      return [one, [...new Set([...wanted, ...next.slice(0, each)])]] as const;
    }),
  );
  const pairs = [...targets.values()].reduce((sum, some) => sum + some.length, 0);
  const counts = `${String(pairs)} of ${String(allPairs)} pairs`;
  const sample = `${counts}: each of ${String(from.length)} tenants tries ${String(each)} others, which are others in each proof.`;
  return { targets, pairs, allPairs, sample };
}

function shuffled(ids: readonly TenantId[], seed: string): readonly TenantId[] {
  const keyOf = (id: TenantId) => createHash('sha256').update(`${seed}/${id}`).digest('hex');
  return ids
    .map((id) => ({ id, key: keyOf(id) }))
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ id }) => id);
}
