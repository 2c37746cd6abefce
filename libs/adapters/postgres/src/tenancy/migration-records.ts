import type { Actor, Place } from '@berth/domain';
import type { AppliedMigration, Migration } from '@berth/ports';
import {
  asMember,
  type ClusterConnections,
  type Connection,
  quoteIdent,
  quoteLiteral,
  quoteQualified,
} from '../connection/index.js';

/** In the tenant's own schema, so that a copy of the schema brings its history along. */
export const recordTable = 'berth_migrations';

/** `"schema"."table"`. */
export function recordTableSql(place: Place): string {
  return quoteQualified(place.schema, recordTable);
}

/** Run as the owner. Looks first: with the fence up the owner may not create, and needs not. */
export function ensureRecordsSql(place: Place): string {
  return `CREATE TABLE IF NOT EXISTS ${recordTableSql(place)} (
    version text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ms integer NOT NULL
  )`;
}

export function recordSql(place: Place, migration: Migration, ms: number): string {
  const values = [quoteLiteral(migration.version), quoteLiteral(migration.checksum), Math.round(ms)];
  return `INSERT INTO ${quoteQualified(place.schema, recordTable)} (version, checksum, ms) VALUES (${values.join(', ')})
    RETURNING applied_at AS "appliedAt", ms`;
}

/** Records migrations that somebody else ran, in one transaction of the owner; those that are recorded stay as they are. */
export async function markApplied(
  connections: ClusterConnections,
  place: Place,
  migrations: readonly Migration[],
  actor: Actor,
): Promise<void> {
  const rows = migrations.map(({ version, checksum }) => `(${quoteLiteral(version)}, ${quoteLiteral(checksum)}, 0)`);
  if (rows.length === 0) return;
  const insert = `INSERT INTO ${recordTableSql(place)} (version, checksum, ms) VALUES ${rows.join(', ')} ON CONFLICT DO NOTHING`;
  await connections.withTransaction(
    place.clusterId,
    place.database,
    (client) => client.query(`${asOwnerSql(place)}; ${ensureRecordsSql(place)}; ${insert}; RESET ROLE`),
    { actor, memberOf: [place.ownerRole] },
  );
}

/** Statements that make the rest of a transaction run as the tenant's owner inside its schema. */
export function asOwnerSql(place: Place): string {
  return `SET LOCAL ROLE ${quoteIdent(place.ownerRole)}; SET LOCAL search_path = ${quoteIdent(place.schema)}`;
}

const recordTableQuery = `
  SELECT pg_get_userbyid(c.relowner) AS owner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = '${recordTable}' AND c.relkind = 'r'`;

/** In the open transaction of `client`. A schema without records, or none at all, had none applied. */
export async function readApplied(client: Connection, place: Place): Promise<readonly AppliedMigration[]> {
  const { rows: tables } = await client.query<{ owner: string }>(recordTableQuery, [place.schema]);
  const owner = tables[0]?.owner;
  if (owner === undefined) return [];
  return asMember(client, [owner], async () => {
    const { rows } = await client.query<AppliedMigration>(
      `SELECT version, checksum, applied_at AS "appliedAt", ms FROM ${quoteQualified(place.schema, recordTable)}
       ORDER BY applied_at, version`,
    );
    return rows;
  });
}
