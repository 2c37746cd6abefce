import { type ClusterAccess, type Finding, serviceRole } from '@berth/domain';
import type { ClusterWishes } from '@berth/ports';
import type { ClusterFacts, ClusterReading } from './cluster-facts.js';
import {
  error,
  extensionRemarks,
  info,
  type Remark,
  replicationRemarks,
  roomRemarks,
  warning,
} from './cluster-room.js';
import { tlsRemarks } from './cluster-tls.js';

/** Lowest major version: SQL of every part is written for it, and older ones get no more fixes. */
const lowestMajor = 15;
/** An operation uses up to three connections at once; below this the tenants would be refused. */
const leastFreeConnections = 10;
/** Leases and certificates are judged by clocks. */
const mostClockSkewMs = 5_000;

type Check = (facts: ClusterFacts, access: ClusterAccess) => Remark | null;

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
];

/** Everything at once, each with what to do about it. */
export function findingsOf(
  { facts, skewMs, certificate }: ClusterReading,
  access: ClusterAccess,
  wishes: ClusterWishes,
): readonly Finding[] {
  const found = [
    ...checks.map((check) => check(facts, access)).filter((finding) => finding !== null),
    ...replicationRemarks(facts),
    ...extensionRemarks(facts, access, wishes),
    ...roomRemarks(facts, wishes),
    ...tlsRemarks(facts, certificate, access),
    ...(skewMs <= mostClockSkewMs
      ? []
      : [
          warning(
            'clock-skew',
            `The clock of the server is off by ${Math.round(skewMs / 1000)} s.`,
            'Synchronise the clocks.',
          ),
        ]),
  ];
  return found.map((finding) => ({ ...finding, object: `cluster ${access.clusterId}` }));
}
