import { isStreamOf } from '@berth/domain';
import { quoteIdent } from '../connection/index.js';
import { tenantsGroup } from './cluster-roles.js';
import { deviation, type Deviation, type Fact } from './deviation.js';
import { grantToLogin, loginGroups, roleOf, rolesOf, wantedLogins } from './tenant-roles.js';
import type { MembershipState, TenantState } from './tenant-state.js';

/** Each login is a member of the owner role and of the tenants' group, without the right to pass that on. */
export const loginsAreMembers: Fact = (state, wanted) =>
  wantedLogins(wanted)
    .filter(({ name }) => roleOf(state, name) !== undefined)
    .flatMap(({ name }) =>
      loginGroups(wanted.place).flatMap((group) => {
        const links = state.memberships.filter(({ role, member }) => role === group && member === name);
        if (links.length === 0) return [missingMembership(state, group, name)];
        return wrongOptions(state, group, name, links);
      }),
    );

function missingMembership(state: TenantState, group: string, name: string): Deviation {
  const text = {
    message: `Login ${name} is no member of ${group}.`,
    remedy: `Make login ${name} a member of ${group}.`,
  };
  return deviation('missing-membership', `role ${quoteIdent(name)}`, text, [grantToLogin(state.major, group, name)]);
}

function wrongOptions(
  state: TenantState,
  group: string,
  name: string,
  links: readonly MembershipState[],
): readonly Deviation[] {
  const mayPassOn = links.some(({ admin }) => admin);
  const canBecome = group === tenantsGroup || links.some(({ set }) => set);
  const inherits = links.some(({ inherit }) => inherit);
  if (!mayPassOn && canBecome && inherits) return [];
  const text = {
    message: `The membership of login ${name} in ${group} has the wrong options.`,
    remedy: `Set the options of the membership of login ${name} in ${group}.`,
  };
  const revokes = links.filter(({ admin }) => admin).map((link) => revokeSql(state, link, 'ADMIN OPTION FOR '));
  return [
    deviation('wrong-membership', `role ${quoteIdent(name)}`, text, [
      ...revokes,
      grantToLogin(state.major, group, name),
    ]),
  ];
}

/**
 * The roles of the tenant are members of nothing else, and nobody else is a member of them (admins aside, who can do anything, and
 * the roles of the tenant's own streams, which end with them).
 */
export const noForeignMemberships: Fact = (state, { place }) => {
  const own = rolesOf(place);
  return state.memberships
    .filter(
      ({ role, member }) => !(member !== place.ownerRole && own.includes(member) && loginGroups(place).includes(role)),
    )
    .filter(({ role, member, memberIsAdmin }) => !(memberIsAdmin && !own.includes(member) && own.includes(role)))
    .filter(({ role, member }) => !(role === place.ownerRole && isStreamOf(place.tenantId, member)))
    .map((link) => {
      const message = `Role ${link.member} is a member of ${link.role}, across the border of the tenant.`;
      const object = `role ${quoteIdent(link.member)}`;
      if (state.major >= 16 && link.grantor !== state.self && link.grantorIsSuper === true) {
        const remedy = `As a superuser: ${revokeSql(state, link)}; then repair again.`;
        return deviation('foreign-membership', object, { message, remedy }, []);
      }
      const remedy = `Revoke the membership of ${link.member} in ${link.role}.`;
      return deviation('foreign-membership', object, { message, remedy }, [revokeSql(state, link)]);
    });
};

/** From 16 on a grant belongs to its grantor, and revoking somebody else's without naming him does nothing. */
function revokeSql(state: TenantState, link: MembershipState, option = ''): string {
  const revoke = `REVOKE ${option}${quoteIdent(link.role)} FROM ${quoteIdent(link.member)}`;
  return state.major >= 16 ? `${revoke} GRANTED BY ${quoteIdent(link.grantor)}` : revoke;
}
