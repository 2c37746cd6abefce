import { type ClusterAccess, type Finding, serviceRole } from '@berth/domain';
import type { Connection } from '../connection/index.js';
import { tenantsGroup } from './cluster-roles.js';

/** What the checks look at, read in one query. */
export interface ClusterFacts {
  readonly major: number;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  readonly inRecovery: boolean;
  readonly walLevel: string;
  readonly passwordEncryption: string;
  readonly maxConnections: number;
  readonly reserved: number;
  readonly connections: number;
  readonly clockMs: number;
  readonly databaseExists: boolean;
  readonly ownDatabase: boolean;
  readonly encoding: string | null;
  readonly publicRights: readonly string[];
  readonly serviceExists: boolean;
  readonly groupExists: boolean;
  readonly serviceMembership: boolean;
}

const factsQuery = `
SELECT json_build_object(
  'major', current_setting('server_version_num')::int / 10000,
  'superuser', me.rolsuper, 'createRole', me.rolcreaterole, 'createDatabase', me.rolcreatedb,
  'inRecovery', pg_is_in_recovery(),
  'walLevel', current_setting('wal_level'),
  'passwordEncryption', current_setting('password_encryption'),
  'maxConnections', current_setting('max_connections')::int,
  'reserved', current_setting('superuser_reserved_connections')::int,
  'connections', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
  'clockMs', extract(epoch FROM clock_timestamp()) * 1000,
  'databaseExists', d.oid IS NOT NULL,
  'ownDatabase', coalesce(pg_has_role(d.datdba, 'USAGE'), false),
  'encoding', pg_encoding_to_char(d.encoding),
  'publicRights', (SELECT coalesce(json_agg(p), '[]') FROM unnest(ARRAY['CONNECT', 'TEMPORARY']) p
    WHERE d.oid IS NOT NULL AND has_database_privilege('public', d.oid, p)),
  'serviceExists', EXISTS (SELECT FROM pg_roles WHERE rolname = $2),
  'groupExists', EXISTS (SELECT FROM pg_roles WHERE rolname = $3),
  'serviceMembership', EXISTS (SELECT FROM pg_roles WHERE rolname = $2 AND (rolsuper OR rolcreaterole))
) AS facts
FROM pg_roles me LEFT JOIN pg_database d ON d.datname = $1
WHERE me.rolname = session_user`;

/** Lowest major version: SQL of every part is written for it, and older ones get no more fixes. */
const lowestMajor = 15;
/** An operation uses up to three connections at once; below this the tenants would be refused. */
const leastFreeConnections = 10;
/** Leases and certificates are judged by clocks. */
const mostClockSkewMs = 5_000;

export async function readClusterFacts(
  client: Connection,
  access: ClusterAccess,
): Promise<{ readonly facts: ClusterFacts; readonly skewMs: number }> {
  const asked = Date.now();
  const { rows } = await client.query<{ facts: ClusterFacts }>(factsQuery, [
    access.database,
    serviceRole,
    tenantsGroup,
  ]);
  const facts = rows[0]?.facts;
  if (facts === undefined) throw new Error('the query of the cluster facts always gives one row');
  // The server read its clock somewhere between the question and the answer.
  return { facts, skewMs: Math.abs(facts.clockMs - (asked + Date.now()) / 2) };
}

type Check = (facts: ClusterFacts, access: ClusterAccess) => Omit<Finding, 'object'> | null;

const checks: readonly Check[] = [
  ({ major }) =>
    major >= lowestMajor
      ? null
      : error(
          'cluster-too-old',
          `PostgreSQL ${major} is too old, ${lowestMajor} is the oldest that works.`,
          'Upgrade the server.',
        ),
  ({ superuser }, { user }) =>
    superuser
      ? warning(
          'cluster-unsafe',
          `The admin login ${user} is a superuser.`,
          `ALTER ROLE ${user} NOSUPERUSER CREATEROLE CREATEDB`,
        )
      : null,
  ({ createRole, superuser }, { user }) =>
    createRole || superuser
      ? null
      : error('cluster-rights', `The admin login ${user} cannot make roles.`, `ALTER ROLE ${user} CREATEROLE`),
  ({ createDatabase, superuser, databaseExists }, { user }) =>
    createDatabase || superuser
      ? null
      : (databaseExists ? warning : error)(
          'cluster-rights',
          `The admin login ${user} cannot make databases.`,
          `ALTER ROLE ${user} CREATEDB`,
        ),
  ({ inRecovery }) =>
    inRecovery
      ? error('cluster-rights', 'The server is a standby and takes no writes.', 'Register the primary.')
      : null,
  ({ databaseExists, ownDatabase }, { database, user }) =>
    !databaseExists || ownDatabase
      ? null
      : error(
          'cluster-rights',
          `The database ${database} does not belong to the admin login ${user}.`,
          `ALTER DATABASE ${database} OWNER TO ${user}`,
        ),
  ({ encoding }, { database }) =>
    encoding === null || encoding === 'UTF8'
      ? null
      : error('cluster-unsafe', `The database ${database} has the encoding ${encoding}.`, 'Use a database with UTF8.'),
  ({ connections, maxConnections, reserved }) =>
    maxConnections - reserved - connections >= leastFreeConnections
      ? null
      : error(
          'cluster-full',
          `Only ${maxConnections - reserved - connections} of ${maxConnections} connections are free.`,
          'Raise max_connections or end idle sessions.',
        ),
  ({ passwordEncryption }) =>
    passwordEncryption === 'scram-sha-256'
      ? null
      : warning(
          'cluster-unsafe',
          `password_encryption is ${passwordEncryption}: passwords that tenants set themselves are kept weakly.`,
          "Set password_encryption = 'scram-sha-256'.",
        ),
  ({ serviceMembership }) =>
    serviceMembership
      ? error(
          'cluster-unsafe',
          `The role ${serviceRole} is a superuser or can make roles.`,
          `ALTER ROLE ${serviceRole} NOSUPERUSER NOCREATEROLE`,
        )
      : null,
  ({ publicRights }, { database }) =>
    publicRights.length === 0
      ? null
      : info(
          'cluster-open',
          `PUBLIC has ${publicRights.join(', ')} on database ${database}.`,
          'Preparing the cluster revokes it.',
        ),
  ({ databaseExists, serviceExists, groupExists }) =>
    databaseExists && serviceExists && groupExists
      ? null
      : info('cluster-not-prepared', 'The cluster was not prepared yet.', 'Prepare the cluster.'),
  ({ walLevel }) =>
    walLevel === 'logical'
      ? info('wal-level', 'wal_level is logical: tenants can move online.', null)
      : info(
          'wal-level',
          `wal_level is ${walLevel}: tenants can move by dump only.`,
          "Set wal_level = 'logical' and restart, for online moves.",
        ),
];

export function findingsOf(facts: ClusterFacts, access: ClusterAccess, skewMs: number): readonly Finding[] {
  const found = checks.map((check) => check(facts, access)).filter((finding) => finding !== null);
  if (skewMs > mostClockSkewMs) {
    found.push(
      warning(
        'clock-skew',
        `The clock of the server is off by ${Math.round(skewMs / 1000)} s.`,
        'Synchronise the clocks.',
      ),
    );
  }
  return found.map((finding) => ({ ...finding, object: `cluster ${access.clusterId}` }));
}

function error(code: string, message: string, remedy: string): Omit<Finding, 'object'> {
  return { code, severity: 'error', message, remedy };
}

function warning(code: string, message: string, remedy: string): Omit<Finding, 'object'> {
  return { code, severity: 'warning', message, remedy };
}

function info(code: string, message: string, remedy: string | null): Omit<Finding, 'object'> {
  return { code, severity: 'info', message, remedy };
}
