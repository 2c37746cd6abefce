import type { Place, TenantId, TenantLimits, Tier } from '@berth/domain';
import type { InstanceSpec } from '@berth/ports';
import type { Routed } from '../routing/route-tenant.steps.js';

export interface ProvisionTenant extends Routed {
  readonly tenantId: TenantId;
  readonly tier: Tier;
  readonly place: Place;
  readonly generation: number;
  readonly limits: TenantLimits;
  readonly logins: 'open';
  /** The instance to make; null in the shared tier. */
  readonly instance: InstanceSpec | null;
}
