import type { ClientBase } from 'pg';
import { quoteIdent } from './quoting.js';

/**
 * The admin is a member of a tenant's roles only while it works on that tenant: granted and revoked inside the transaction,
 * so nobody else ever sees it. A lasting membership in every tenant costs each permission check of the admin: PostgreSQL
 * walks all of them, 7 ms at 2,000 memberships on PostgreSQL 15, again after each GRANT anywhere on the server.
 */
const majors = new WeakMap<ClientBase, number>();

/** The major version of the server behind a connection; asked once a connection. */
export async function serverMajor(client: ClientBase): Promise<number> {
  const known = majors.get(client);
  if (known !== undefined) return known;
  const { rows } = await client.query<{ major: number }>(
    "SELECT current_setting('server_version_num')::int / 10000 AS major",
  );
  const major = rows[0]?.major ?? 0;
  majors.set(client, major);
  return major;
}

/** From PostgreSQL 16 on, a role that made another may grant itself the use of it, but does not have it by itself. */
export function grantToSelf(major: number, role: string): string {
  const options = major >= 16 ? ' WITH INHERIT TRUE, SET TRUE' : '';
  return `GRANT ${quoteIdent(role)} TO CURRENT_USER${options}`;
}

/** Takes back what {@link grantToSelf} gave. On 16+ the ADMIN option, given by the server itself, stays. */
export function revokeFromSelf(role: string): string {
  return `REVOKE ${quoteIdent(role)} FROM CURRENT_USER`;
}

/** `fn` as a member of `roles`, inside the open transaction of `client`. Roles must exist. */
export async function asMember<T>(client: ClientBase, roles: readonly string[], fn: () => Promise<T>): Promise<T> {
  if (roles.length === 0) return fn();
  const major = await serverMajor(client);
  await client.query(roles.map((role) => grantToSelf(major, role)).join('; '));
  const result = await fn();
  await client.query(roles.map(revokeFromSelf).join('; '));
  return result;
}
