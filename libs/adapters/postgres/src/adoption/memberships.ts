import type { Place } from '@berth/domain';
import { type Connection, grantToSelf, quoteIdent, revokeFromSelf } from '../connection/index.js';
import { type Holdings, type KnownRole, ownersOf } from './holdings.js';

/** The owners of before work on through the tenant's owner. From 16 on a membership says itself that it inherits. */
export function admitOwnersSql(
  place: Place,
  before: Holdings,
  roles: readonly KnownRole[],
  major: number,
): readonly string[] {
  const options = major >= 16 ? ' WITH INHERIT TRUE, SET TRUE' : '';
  return formerOwners(before, roles).map(
    ({ name }) => `GRANT ${quoteIdent(place.ownerRole)} TO ${quoteIdent(name)}${options}`,
  );
}

/** What the owners of before make on trial is of use to the tenant too: they reach each other's tables both ways. */
export function shareFutureSql(
  place: Place,
  before: Holdings,
  roles: readonly KnownRole[],
  major: number,
): readonly string[] {
  const owner = quoteIdent(place.ownerRole);
  const schema = quoteIdent(place.schema);
  return formerOwners(before, roles).flatMap(({ name }) =>
    asMemberOf(
      major,
      [name],
      ['TABLES', 'SEQUENCES', 'ROUTINES', 'TYPES'].map(
        (kind) =>
          `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdent(name)} IN SCHEMA ${schema} GRANT ALL ON ${kind} TO ${owner}`,
      ),
    ),
  );
}

/** The owners of before that are members of the tenant's owner still. */
export async function admittedOwners(client: Connection, place: Place, before: Holdings): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT DISTINCT pg_get_userbyid(m.member) AS name FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
     WHERE r.rolname = $1 AND pg_get_userbyid(m.member) = ANY ($2) AND pg_get_userbyid(m.member) <> session_user`,
    [place.ownerRole, ownersOf(before)],
  );
  return rows.map(({ name }) => name);
}

/** The owners of before that are still there, without the admin itself. */
export function formerOwners(before: Holdings, roles: readonly KnownRole[]): readonly KnownRole[] {
  const owners = ownersOf(before);
  return roles.filter(({ name, self }) => owners.includes(name) && !self);
}

/** A role in whose name rights are given. */
export type Speaker = Pick<KnownRole, 'name' | 'self'>;

/** Owners, and others who passed a right on, in whose name the admin can speak; itself too. */
export function grantorsIn(before: Holdings, roles: readonly KnownRole[], major: number): readonly Speaker[] {
  const rights = [...before.acl, ...before.objects.flatMap(({ acl }) => acl)];
  const named = new Set([...ownersOf(before), ...rights.map(({ grantor }) => grantor)]);
  return roles
    .filter((role) => named.has(role.name) && !role.super && !role.circular)
    .filter(({ self, administered }) => self || major < 16 || administered)
    .map(({ name, self }) => ({ name, self }));
}

/** Statements as a member of `roles`, in one message. */
export function asMemberOf(major: number, roles: readonly string[], statements: readonly string[]): readonly string[] {
  if (statements.length === 0) return [];
  return [...roles.map((role) => grantToSelf(major, role)), ...statements, ...roles.map(revokeFromSelf)];
}

/**
 * Up to PostgreSQL 15 there is one membership of the admin in a role, whoever gave it: what is taken back at the end of a piece of work
 * takes a lasting one along. Newer servers keep each grantor's own.
 */
export function joinAgainSql(roles: readonly KnownRole[], major: number): readonly string[] {
  if (major >= 16) return [];
  return roles
    .filter(({ joined, self }) => joined && !self)
    .map(
      ({ name, joinedAsAdmin }) =>
        `GRANT ${quoteIdent(name)} TO CURRENT_USER${joinedAsAdmin ? ' WITH ADMIN OPTION' : ''}`,
    );
}
