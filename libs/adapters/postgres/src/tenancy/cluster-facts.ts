import { type ClusterAccess, serviceRole } from '@berth/domain';
import type { ClusterWishes } from '@berth/ports';
import { TLSSocket } from 'node:tls';
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
  readonly slots: InUse;
  readonly senders: InUse;
  /** Logical replication workers, and those that any part of the server may start at all. */
  readonly applyWorkers: number;
  readonly workers: number;
  readonly passwordEncryption: string;
  readonly maxConnections: number;
  readonly reserved: number;
  readonly connections: number;
  /** Of all databases that the admin login may enter. */
  readonly bytes: number;
  /** In the tenants' database; 0 where that is not made yet. */
  readonly schemas: number;
  readonly clockMs: number;
  readonly databaseExists: boolean;
  readonly ownDatabase: boolean;
  readonly encoding: string | null;
  readonly publicRights: readonly string[];
  readonly serviceExists: boolean;
  readonly groupExists: boolean;
  readonly serviceMembership: boolean;
  /** Of the wanted ones those that the server could create. */
  readonly extensions: readonly AvailableExtension[];
  /** Protocol and cipher of this very session; null: it is not encrypted. */
  readonly encryption: { readonly version: string; readonly cipher: string } | null;
}

export interface InUse {
  readonly used: number;
  readonly most: number;
}

export interface AvailableExtension {
  readonly name: string;
  readonly installed: boolean;
  /** Anybody who may CREATE in the database may install it. */
  readonly trusted: boolean;
}

/** What the server showed of itself; null without TLS. */
export interface ServerCertificate {
  readonly names: readonly string[];
  readonly issuer: string;
  readonly validTo: Date;
}

export interface ClusterReading {
  readonly facts: ClusterFacts;
  readonly skewMs: number;
  readonly certificate: ServerCertificate | null;
}

/**
 * Of other users' sessions a login without pg_read_all_stats sees who and where, and not what kind: a user and a database
 * together mean a session, as background workers of the server have no user.
 */
const factsQuery = `
SELECT json_build_object(
  'major', current_setting('server_version_num')::int / 10000,
  'superuser', me.rolsuper, 'createRole', me.rolcreaterole, 'createDatabase', me.rolcreatedb,
  'inRecovery', pg_is_in_recovery(),
  'walLevel', current_setting('wal_level'),
  'slots', json_build_object('used', (SELECT count(*) FROM pg_replication_slots),
    'most', current_setting('max_replication_slots')::int),
  'senders', json_build_object('used', (SELECT count(*) FROM pg_stat_replication),
    'most', current_setting('max_wal_senders')::int),
  'applyWorkers', current_setting('max_logical_replication_workers')::int,
  'workers', current_setting('max_worker_processes')::int,
  'passwordEncryption', current_setting('password_encryption'),
  'maxConnections', current_setting('max_connections')::int,
  'reserved', current_setting('superuser_reserved_connections')::int
    + coalesce(current_setting('reserved_connections', true), '0')::int,
  'connections', (SELECT count(*) FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datid IS NOT NULL),
  'bytes', (SELECT sum(pg_database_size(oid)) FROM pg_database WHERE has_database_privilege(oid, 'CONNECT')),
  'schemas', (SELECT count(*) FROM pg_namespace WHERE current_database() = $1 AND nspname !~ '^pg_'
    AND nspname NOT IN ('information_schema', 'public', 'berth')),
  'clockMs', extract(epoch FROM clock_timestamp()) * 1000,
  'databaseExists', d.oid IS NOT NULL,
  'ownDatabase', coalesce(pg_has_role(d.datdba, 'USAGE'), false),
  'encoding', pg_encoding_to_char(d.encoding),
  'publicRights', (SELECT coalesce(json_agg(p), '[]') FROM unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY']) p
    WHERE d.oid IS NOT NULL AND has_database_privilege('public', d.oid, p)),
  'serviceExists', EXISTS (SELECT FROM pg_roles WHERE rolname = $2),
  'groupExists', EXISTS (SELECT FROM pg_roles WHERE rolname = $3),
  'serviceMembership', EXISTS (SELECT FROM pg_roles WHERE rolname = $2 AND (rolsuper OR rolcreaterole)),
  'extensions', (SELECT coalesce(json_agg(json_build_object('name', e.name,
      'installed', e.installed_version IS NOT NULL AND current_database() = $1,
      'trusted', coalesce(v.trusted, false)) ORDER BY e.name), '[]')
    FROM pg_available_extensions e
    LEFT JOIN pg_available_extension_versions v ON v.name = e.name AND v.version = e.default_version
    WHERE e.name = ANY ($4::text[])),
  'encryption', (SELECT json_build_object('version', version, 'cipher', cipher) FROM pg_stat_ssl
    WHERE pid = pg_backend_pid() AND ssl)
) AS facts
FROM pg_roles me LEFT JOIN pg_database d ON d.datname = $1
WHERE me.rolname = session_user`;

export async function readClusterFacts(
  client: Connection,
  access: ClusterAccess,
  wishes: ClusterWishes,
): Promise<ClusterReading> {
  const asked = Date.now();
  const { rows } = await client.query<{ facts: ClusterFacts }>(factsQuery, [
    access.database,
    serviceRole,
    tenantsGroup,
    wishes.extensions,
  ]);
  const facts = rows[0]?.facts;
  if (facts === undefined) throw new Error('the query of the cluster facts always gives one row');
  // The server read its clock somewhere between the question and the answer.
  const skewMs = Math.abs(facts.clockMs - (asked + Date.now()) / 2);
  return { facts, skewMs, certificate: certificateOf(client) };
}

/** From `pg`'s own socket, which its types leave out. */
function certificateOf(client: Connection): ServerCertificate | null {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: unknown } }).connection;
  if (!(stream instanceof TLSSocket)) return null;
  const { subject, issuer, subjectaltname, valid_to: validTo } = stream.getPeerCertificate();
  const names = subjectaltname?.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
  return { names: names ?? [text(subject.CN)], issuer: text(issuer.CN ?? issuer.O), validTo: new Date(validTo) };
}

function text(value: string | readonly string[] | undefined): string {
  return value === undefined ? 'nobody' : String(value);
}
