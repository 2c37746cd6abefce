import { type Actor, BerthError, type ReplicationStream, type RowIdentities } from '@berth/domain';
import { schemaOid } from '../comparison/definitions.js';
import { type ClusterConnections, type Connection, quoteIdent, quoteQualified } from '../connection/index.js';
import { withStreamRights } from './recipe.js';
import { type PublishedTable, readPublishedTables, refuseUnfit, setIdentity } from './row-identity.js';
import { identityTable, markerTable, restingPublication } from './stream-names.js';
import { makeStreamRole } from './stream-role.js';

/** Longest wait for a table's lock: whoever comes after us waits as long behind us. */
const lockTimeoutMs = 500;

/**
 * The end that publishes: the stream's schema with its marker, the login of the other end's worker, the identities that were chosen, and the publication of every table by name: `FOR TABLES IN SCHEMA` is for superusers.
 */
export async function publishTables(
  connections: ClusterConnections,
  stream: ReplicationStream,
  identities: RowIdentities,
  actor: Actor,
): Promise<void> {
  const { from } = stream;
  // No password yet, so nobody gets in.
  await withStreamRights(connections, from, actor, (client) =>
    makeStreamRole(client, stream.name, from.database, 'REPLICATION'),
  );
  const at = <T>(fn: (client: Connection) => Promise<T>): Promise<T> =>
    connections.withTransaction(from.clusterId, from.database, fn, {
      actor,
      memberOf: [from.ownerRole],
      lockTimeoutMs,
    });
  const tables = await at((client) => prepare(client, stream, identities));
  if (tables === null) return;
  // A table a transaction: one that held a table and waited for the next would meet a writer that does the opposite, and both would stand still.
  for (const table of tables) {
    const choice = identities[table.name];
    if (choice !== undefined) await at((client) => setIdentity(client, stream, table, choice));
  }
  await at((client) => createPublication(client, stream));
}

/** Its tables; null: it is published already. */
async function prepare(
  client: Connection,
  stream: ReplicationStream,
  identities: RowIdentities,
): Promise<readonly PublishedTable[] | null> {
  const tables = await readPublishedTables(client, await schemaOid(client, stream.from));
  if (await refuseOther(client, stream, tables)) return null;
  refuseUnfit(stream, tables, identities);
  await client.query(
    [
      `CREATE SCHEMA IF NOT EXISTS ${quoteIdent(stream.name)}`,
      `CREATE TABLE IF NOT EXISTS ${markerTable(stream)} (id int PRIMARY KEY, n bigint NOT NULL)`,
      `INSERT INTO ${markerTable(stream)} VALUES (1, 0) ON CONFLICT DO NOTHING`,
      `CREATE TABLE IF NOT EXISTS ${identityTable(stream)} (table_name text PRIMARY KEY, identity text NOT NULL, index_name text)`,
    ].join('; '),
  );
  return tables;
}

async function createPublication(client: Connection, stream: ReplicationStream): Promise<void> {
  const { name, from } = stream;
  const tables = await readPublishedTables(client, await schemaOid(client, from));
  const names = tables.filter(({ unlogged }) => !unlogged).map((table) => quoteQualified(from.schema, table.name));
  // ONLY: heirs and partitions are in the list themselves. Changes of partitions go by their own names.
  const list = [...names, markerTable(stream)].map((table) => `ONLY ${table}`).join(', ');
  await client.query(
    [
      `CREATE PUBLICATION ${quoteIdent(name)} FOR TABLE ${list} WITH (publish_via_partition_root = false)`,
      `CREATE PUBLICATION ${quoteIdent(restingPublication(stream))} FOR TABLE ONLY ${markerTable(stream)}`,
    ].join('; '),
  );
}

/** Whether the publication stands already. One of other tables is not ours to go on with. */
async function refuseOther(
  client: Connection,
  stream: ReplicationStream,
  tables: readonly PublishedTable[],
): Promise<boolean> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
     JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE p.pubname = $1 AND n.nspname = $2 ORDER BY 1`,
    [stream.name, stream.from.schema],
  );
  const { rowCount } = await client.query('SELECT FROM pg_publication WHERE pubname = $1', [stream.name]);
  if (rowCount === 0) return false;
  const wanted = new Set(tables.filter(({ unlogged }) => !unlogged).map(({ name }) => name));
  const found = new Set(rows.map(({ name }) => name));
  const changed = [...wanted].filter((name) => !found.has(name)).concat([...found].filter((name) => !wanted.has(name)));
  if (changed.length === 0) return true;
  throw tablesChanged(stream.from.schema, changed);
}

/**
 * Refuses when a table of the publishing schema is not the one that the stream carries. By its number, not its name: one that was dropped and
 * made anew under the same definition looks the same, and nothing that is written to it reaches the other end.
 */
export async function refuseUnpublished(client: Connection, { name, from }: ReplicationStream): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $2 AND c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_publication_rel r
       JOIN pg_publication p ON p.oid = r.prpubid WHERE p.pubname = $1 AND r.prrelid = c.oid) ORDER BY 1`,
    [name, from.schema],
  );
  if (rows.length > 0)
    throw tablesChanged(
      from.schema,
      rows.map((row) => row.name),
    );
}

function tablesChanged(schema: string, tables: readonly string[]): BerthError {
  return new BerthError('schema-changed', `Tables of ${schema} came or went during the move: ${tables.join(', ')}.`, {
    hint: 'Cancel the move and start it again when no migration runs.',
    details: { tables },
  });
}
