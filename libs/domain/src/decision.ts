import type { ErrorCode } from './error.js';
import type { TenantConstraints, Tier } from './tenant.js';

/** Why a cluster could not be chosen, for programs (`code`, `details`) and for people. */
export interface ClusterRefusal {
  readonly code: ErrorCode;
  readonly because: string;
  readonly details: Readonly<Record<string, string | number | null>>;
}

/** What was seen of one cluster when a place was sought. */
export interface ConsideredCluster {
  readonly clusterId: string;
  readonly tenants: number;
  /** How many more fitted; null: no limit. */
  readonly room: number | null;
  /** Null: it would have done. */
  readonly refusal: ClusterRefusal | null;
}

/** Where a tenant was to go and why, as it was decided then; kept with the operation. */
export interface PlacementDecision {
  readonly tier: Tier;
  readonly constraints: TenantConstraints;
  /** The only cluster that was allowed; null: any. */
  readonly askedFor: string | null;
  /** Null: none fitted. */
  readonly chosen: string | null;
  /** Why this one, after its name: `fewest tenants (3) of 2 that fit`. */
  readonly because: string;
  readonly considered: readonly ConsideredCluster[];
}

/** In one line: which, why, and why not the others. */
export function decisionSentence({
  chosen,
  because,
  considered,
}: Pick<PlacementDecision, 'chosen' | 'because'> & {
  readonly considered: readonly { readonly refusal: Pick<ClusterRefusal, 'because'> | null }[];
}): string {
  const refused = considered.flatMap(({ refusal }) => (refusal === null ? [] : [refusal.because]));
  return [chosen === null ? because : `${chosen}: ${because}.`, ...refused].join(' ');
}
