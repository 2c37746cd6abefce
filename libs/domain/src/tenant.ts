import type { TenantId } from './names.js';

/** `shared`: a schema of its own in a shared cluster. `dedicated`: a PostgreSQL instance of its own. */
export const tiers = ['shared', 'dedicated'] as const;
export type Tier = (typeof tiers)[number];

/**
 * `provisioning` until every step of its creation was read back; `quarantined`: asked to be removed, data kept until
 * `quarantinedUntil`; `removed` keeps the row, so that the name and the history stay explained.
 */
export const tenantStates = [
  'provisioning',
  'ready',
  'suspended',
  'quarantined',
  'removing',
  'removed',
  'failed',
] as const;
export type TenantState = (typeof tenantStates)[number];

/** What a placement of this tenant has to keep to; a key is a cluster label (`region: eu-central-1`) that must be equal. */
export interface TenantConstraints {
  readonly labels: Readonly<Record<string, string>>;
  /** Lowest PostgreSQL major version. */
  readonly minPostgresMajor?: number;
}

export interface Tenant {
  readonly id: TenantId;
  readonly state: TenantState;
  /** Why the tenant is in this state and what to type next, for a person; null when there is nothing to say. */
  readonly reason: string | null;
  readonly plan: string;
  readonly constraints: TenantConstraints;
  /** Grows by one with each change of the row: the ETag of the API. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** End of the retention time of a quarantined tenant; null in every other state. */
  readonly quarantinedUntil: Date | null;
}

/** What the plan allows one tenant in the database. Times in ms; 0 means no limit, as in PostgreSQL. */
export interface TenantLimits {
  readonly connectionLimit: number;
  readonly statementTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
}

export interface Plan {
  readonly name: string;
  readonly tier: Tier;
  readonly limits: TenantLimits;
  readonly description: string;
  readonly version: number;
}
