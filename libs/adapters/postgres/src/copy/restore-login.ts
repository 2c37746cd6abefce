import { randomBytes } from 'node:crypto';
import { type Actor, type Place, scramVerifier } from '@berth/domain';
import {
  type ClusterConnections,
  type Connection,
  grantToSelf,
  quoteIdent,
  quoteLiteral,
  serverMajor,
} from '../connection/index.js';
import { migrationLoginOf, tenantsGroup } from '../tenancy/cluster-roles.js';
import { grantToLogin, retireLoginSql } from '../tenancy/tenant-roles.js';

export interface RestoreLogin {
  readonly user: string;
  readonly password: string;
}

/** How long the server lets the login in, should a crash leave it behind: longer than any restore. */
const lifetimeMs = 7 * 86_400_000;

/**
 * A restore runs what the tenant wrote: functions in checks, domains and generated columns. As the admin's session these could
 * RESET ROLE and be the admin. So pg_restore logs in as a role that is a member of this tenant's owner and of nothing else that
 * counts, and that exists only meanwhile. One that a crash left is replaced, with its sessions. The admin must be a member of
 * the owner role.
 */
export async function withRestoreLogin<T>(
  connections: ClusterConnections,
  place: Place,
  actor: Actor | undefined,
  fn: (login: RestoreLogin) => Promise<T>,
): Promise<T> {
  const options = actor === undefined ? {} : { actor };
  const change = (work: (client: Connection) => Promise<void>): Promise<void> =>
    connections.withTransaction(place.clusterId, place.database, work, options);
  const login = { user: migrationLoginOf(place.ownerRole), password: randomBytes(24).toString('base64url') };
  await change((client) => retire(client, place));
  await change((client) => make(client, place, login));
  let result: T;
  try {
    result = await fn(login);
  } catch (error) {
    // What went wrong first is what is told. A login that is left is replaced by the next try, and dropped with the place.
    await change((client) => retire(client, place)).catch(() => undefined);
    throw error;
  }
  await change((client) => retire(client, place));
  return result;
}

async function make(client: Connection, place: Place, { user, password }: RestoreLogin): Promise<void> {
  const major = await serverMajor(client);
  const { rows } = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles WHERE rolname = $1', [
    tenantsGroup,
  ]);
  const until = new Date(Date.now() + lifetimeMs).toISOString();
  const groups = [place.ownerRole, ...rows.map(({ rolname }) => rolname)];
  await client.query(
    [
      `CREATE ROLE ${quoteIdent(user)} LOGIN PASSWORD ${quoteLiteral(scramVerifier(password))} VALID UNTIL ${quoteLiteral(until)}`,
      ...groups.map((group) => grantToLogin(major, group, user)),
    ].join('; '),
  );
  const { rows: allowed } = await client.query<{ connect: boolean }>(
    `SELECT has_database_privilege($1, current_database(), 'CONNECT') AS connect`,
    [user],
  );
  // A scratch database lets nobody in. The grant goes with the login.
  if (allowed[0]?.connect !== true)
    await client.query(`GRANT CONNECT ON DATABASE ${quoteIdent(place.database)} TO ${quoteIdent(user)}`);
}

async function retire(client: Connection, place: Place): Promise<void> {
  const user = migrationLoginOf(place.ownerRole);
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [user]);
  if (rowCount === 0) return;
  const major = await serverMajor(client);
  // Waits until they are gone: a pg_restore that outlived its worker must not write into the next one's schema.
  const ended = `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = ${quoteLiteral(user)}`;
  await client.query([grantToSelf(major, user), ended, ...retireLoginSql(major, user, place.ownerRole)].join('; '));
}
