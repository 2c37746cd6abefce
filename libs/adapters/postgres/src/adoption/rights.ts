import { serviceRole, type Place } from '@berth/domain';
import { quoteIdent } from '../connection/index.js';
import type { HeldObject, HeldRight, Holdings } from './holdings.js';

interface Granted {
  /** `TABLE "s"."t"`, as GRANT wants it. */
  readonly on: string;
  readonly acl: readonly HeldRight[];
}

/** The object as GRANT names it; null: it takes no rights. */
export function grantedOn({ kind, identity }: HeldObject): string | null {
  return kind === null ? null : `${kind} ${identity}`;
}

/** A statement, and the role that has to give it: with the rights of several the server would choose one of them by itself. */
export interface AsRole {
  readonly role: string;
  readonly sql: string;
}

/** What brings the rights on one object from what they are to what they were. */
export function rightsBack(owner: string, now: Granted, before: Granted): readonly AsRole[] {
  const were = new Map(before.acl.map((right) => [sameRight(right), right]));
  const are = new Map(now.acl.map((right) => [sameRight(right), right]));
  const gone = [...are].flatMap(([key, right]) => (were.has(key) ? [] : [{ right, sql: revokeSql(now.on, right) }]));
  const back = [...were].flatMap(([key, right]) => {
    const is = are.get(key);
    if (is?.grantable === right.grantable) return [];
    const grant = { right, sql: grantSql(now.on, right) };
    return is === undefined ? [grant] : [{ right, sql: revokeSql(now.on, right) }, grant];
  });
  // The owner's first: what others pass on stands on them.
  const ownersFirst = [...back].sort(
    (one, other) => Number(one.right.grantor !== owner) - Number(other.right.grantor !== owner),
  );
  return [...gone, ...ownersFirst].map(({ right, sql }) => ({ role: right.grantor, sql }));
}

/** In one message; the role is the session's own again at its end. */
export function inRoles(statements: readonly AsRole[]): readonly string[] {
  return statements.flatMap(({ role, sql }, index) => [
    ...(statements[index - 1]?.role === role ? [] : [`SET LOCAL ROLE ${quoteIdent(role)}`]),
    sql,
    ...(index === statements.length - 1 ? ['RESET ROLE'] : []),
  ]);
}

/** Who will have no right any more when the adoption is confirmed: everybody but the owner, the product's jobs and, of types and routines, PUBLIC. */
export function foreignGrantees(
  place: Place,
  { kind, acl }: Pick<HeldObject, 'kind' | 'acl'>,
): readonly (string | null)[] {
  const open = kind === 'ROUTINE' || kind === 'TYPE';
  const foreign = acl.filter(
    ({ grantee }) => grantee !== place.ownerRole && grantee !== serviceRole && !(grantee === null && open),
  );
  return [...new Set(foreign.map(({ grantee }) => grantee))];
}

/** CASCADE: what the grantee passed on goes with it. */
export function revokeAllSql(on: string, grantee: string | null): string {
  return `REVOKE ALL ON ${on} FROM ${granteeSql(grantee)} CASCADE`;
}

/** What differs, as sentences; objects that are gone or new are none. */
export function differences(now: Holdings, before: Holdings): readonly string[] {
  const known = new Map(before.objects.map((object) => [`${object.class} ${object.oid}`, object]));
  const pairs = now.objects.flatMap((object) => {
    const was = known.get(`${object.class} ${object.oid}`);
    return was === undefined ? [] : [{ name: `${object.type} ${object.identity}`, is: object, was }];
  });
  return [{ name: 'The schema', is: now, was: before }, ...pairs].flatMap(({ name, is, was }) => [
    ...(is.owner === was.owner ? [] : [`${name} belongs to ${is.owner}, and was ${was.owner}'s.`]),
    ...(shown(is.acl) === shown(was.acl) ? [] : [`Rights on ${name} are not what they were.`]),
  ]);
}

function shown(acl: readonly HeldRight[]): string {
  return acl
    .map((right) => `${sameRight(right)} ${String(right.grantable)}`)
    .sort()
    .join('\n');
}

function sameRight({ grantee, grantor, privilege, column }: HeldRight): string {
  return JSON.stringify([grantee, grantor, privilege, column]);
}

function rightSql({ privilege, column }: HeldRight): string {
  return column === null ? privilege : `${privilege} (${quoteIdent(column)})`;
}

function revokeSql(on: string, right: HeldRight): string {
  return `REVOKE ${rightSql(right)} ON ${on} FROM ${granteeSql(right.grantee)} CASCADE`;
}

function grantSql(on: string, right: HeldRight): string {
  const option = right.grantable ? ' WITH GRANT OPTION' : '';
  return `GRANT ${rightSql(right)} ON ${on} TO ${granteeSql(right.grantee)}${option}`;
}

function granteeSql(grantee: string | null): string {
  return grantee === null ? 'PUBLIC' : quoteIdent(grantee);
}
