import type { WantedTenant } from '@berth/ports';
import type { Deviation, Fact } from './deviation.js';
import { clusterIsPrepared, databaseIsClosed, defaultPrivilegesStand, serviceUsesContent } from './grant-facts.js';
import { loginsAreMembers, noForeignMemberships } from './membership-facts.js';
import { loginRolesStand, noOrphanLogins, ownerRoleStands } from './role-facts.js';
import { contentIsOwned, ownerUsesSchema, schemaIsClosed, schemaStands, serviceUsesSchema } from './schema-facts.js';
import type { TenantState } from './tenant-state.js';

/**
 * What a tenant should be, in the order in which it is mended: the owner before what it owns, its right to create before what
 * is given to it, owners before the grants that only an owner gives, and unused logins last, since their objects go to the owner.
 */
const tenantFacts: readonly Fact[] = [
  clusterIsPrepared,
  ownerRoleStands,
  databaseIsClosed,
  loginRolesStand,
  loginsAreMembers,
  noForeignMemberships,
  schemaStands,
  ownerUsesSchema,
  contentIsOwned,
  serviceUsesSchema,
  schemaIsClosed,
  defaultPrivilegesStand,
  serviceUsesContent,
  noOrphanLogins,
];

export function deviationsOf(state: TenantState, wanted: WantedTenant): readonly Deviation[] {
  return tenantFacts.flatMap((fact) => fact(state, wanted));
}
