import { BerthError, isScramVerifier, type LoginSlot, type Place } from '@berth/domain';
import type { WantedTenant } from '@berth/ports';
import { grantToSelf, quoteIdent, quoteLiteral, revokeFromSelf } from '../connection/index.js';
import { migrationLoginOf, tenantsGroup } from './cluster-roles.js';
import type { RoleState, TenantState } from './tenant-state.js';

/** Every role that a tenant can have, the owner first. */
export function rolesOf(place: Place): readonly string[] {
  return [place.ownerRole, place.loginRoles.a, place.loginRoles.b, migrationLoginOf(place.ownerRole)];
}

export function roleOf(state: TenantState, name: string): RoleState | undefined {
  return state.roles.find((role) => role.name === name);
}

/** The slots that should have a role, with their verifiers. */
export function wantedLogins(wanted: WantedTenant): readonly { readonly name: string; readonly verifier: string }[] {
  const slots: readonly LoginSlot[] = ['a', 'b'];
  return slots.flatMap((slot) => {
    const verifier = wanted.verifiers[slot];
    if (verifier === undefined) return [];
    // PostgreSQL would take it for a clear password, and log it.
    if (!isScramVerifier(verifier)) throw new BerthError('invalid-request', `The verifier of login ${slot} is none.`);
    return [{ name: wanted.place.loginRoles[slot], verifier }];
  });
}

/** What every login of a tenant is a member of. */
export function loginGroups(place: Place): readonly string[] {
  return [place.ownerRole, tenantsGroup];
}

export function grantToLogin(major: number, group: string, login: string): string {
  const grant = `GRANT ${quoteIdent(group)} TO ${quoteIdent(login)}`;
  // Members of the tenants' group inherit CONNECT and never become it.
  return major < 16 ? grant : `${grant} WITH INHERIT TRUE, SET ${group === tenantsGroup ? 'FALSE' : 'TRUE'}`;
}

/** Ends a login role: its sessions, then the role. What it owned goes to the owner, of whom the admin must be a member. */
export function retireLoginSql(major: number, login: string, owner: string): readonly string[] {
  const quoted = quoteIdent(login);
  return [
    grantToSelf(major, login),
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ${quoteLiteral(login)}`,
    `REASSIGN OWNED BY ${quoted} TO ${quoteIdent(owner)}`,
    `DROP OWNED BY ${quoted}`,
    revokeFromSelf(login),
    `DROP ROLE ${quoted}`,
  ];
}
