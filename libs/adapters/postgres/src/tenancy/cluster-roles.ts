import { serviceRole } from '@berth/domain';

/**
 * Logins of tenants may connect through this group, which owns nothing and can do nothing else. CONNECT granted to each login
 * instead would grow one row of pg_database with every tenant, and two provisionings at once would fail on it ("tuple
 * concurrently updated").
 */
export const tenantsGroup = 'berth_tenants';

/** Roles that every prepared cluster has. Neither logs in by itself: the operator makes the product's jobs members of the service role. */
export const clusterRoles = [serviceRole, tenantsGroup] as const;

/** The login of a running migration command; there is one only while the command runs. */
export function migrationLoginOf(ownerRole: string): string {
  return `${ownerRole}__m`;
}
