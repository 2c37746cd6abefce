import { loginRoleOf, ownerRoleOf, schemaNameOf, type LoginSlot, type TenantId } from './names.js';
import type { Tier } from './tenant.js';

/** The place of a tenant inside one cluster: all that is needed to name its objects there. */
export interface Place {
  readonly tenantId: TenantId;
  readonly clusterId: string;
  readonly database: string;
  readonly schema: string;
  readonly ownerRole: string;
  readonly loginRoles: Readonly<Record<LoginSlot, string>>;
}

/**
 * `preparing`: reserved by an operation; `current`: where the tenant's writes go; `previous`: fenced, kept until `complete`;
 * `retired`: gone.
 */
export const placementStates = ['preparing', 'current', 'previous', 'retired'] as const;
export type PlacementState = (typeof placementStates)[number];

export interface Placement extends Place {
  readonly tier: Tier;
  /** Grows with each placement of the tenant, never shrinks, never repeats. */
  readonly generation: number;
  readonly state: PlacementState;
  readonly operationId: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** `schema`: the name that an adopted schema has, and keeps wherever the tenant goes. */
export function placeOf(
  tenantId: TenantId,
  clusterId: string,
  database: string,
  schema: string = schemaNameOf(tenantId),
): Place {
  return {
    tenantId,
    clusterId,
    database,
    schema,
    ownerRole: ownerRoleOf(tenantId),
    loginRoles: { a: loginRoleOf(tenantId, 'a'), b: loginRoleOf(tenantId, 'b') },
  };
}

/** The database role that the product's own jobs use on every cluster: DML on all tenants' tables, owner of nothing. */
export const serviceRole = 'berth_service';

/** The database that holds the tenants' schemas on the clusters that Berth makes. */
export const tenantsDatabase = 'tenants';
