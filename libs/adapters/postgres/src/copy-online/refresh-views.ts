import { type Actor, BerthError, type Place } from '@berth/domain';
import type { LongWork, RefreshedViews } from '@berth/ports';
import { schemaOid } from '../comparison/definitions.js';
import { type ClusterConnections, quoteIdent, quoteQualified } from '../connection/index.js';

/**
 * In the order in which they were made, which is that of what they read. `unlocked`: its readers go on meanwhile. That takes a temporary table of
 * the owner's, which no tenant may make by the standard of a cluster, but where an operator granted it. $1 schema.
 */
const viewsQuery = `
  SELECT c.relname AS name, EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid
    AND i.indpred IS NULL AND i.indexprs IS NULL) AND has_database_privilege(c.relowner, current_database(), 'TEMPORARY') AS unlocked
  FROM pg_class c WHERE c.relnamespace = $1::oid AND c.relkind = 'm' AND c.relispopulated ORDER BY c.oid`;

/** Behind a lock that waits longer all the view's readers would. */
const lockTimeoutMs = 500;

/** Errors that are ours, or of the whole server; any other is that view's own. */
const lasting: readonly string[] = ['lease-lost', 'cluster-unreachable', 'database-unavailable', 'internal'];

/** Else its readers wait for the refresh: rather stale than away for long. */
const lockedRefreshMs = 10_000;

export async function refreshViews(
  connections: ClusterConnections,
  place: Place,
  actor: Actor,
  work: LongWork,
): Promise<RefreshedViews> {
  const { clusterId, database, schema } = place;
  const views = await connections.withTransaction(
    clusterId,
    database,
    async (client) =>
      (await client.query<{ name: string; unlocked: boolean }>(viewsQuery, [await schemaOid(client, place)])).rows,
  );
  const refreshed: string[] = [];
  const stale: string[] = [];
  for (const [done, { name, unlocked }] of views.entries()) {
    work.onProgress({ text: `refreshing ${name}`, done, total: views.length, unit: 'tables' });
    // The functions that a view calls may name its tables as the tenant's logins do.
    const bound = unlocked ? '' : `SET LOCAL statement_timeout = ${String(lockedRefreshMs)}; `;
    const sql = `${bound}SET LOCAL search_path = ${quoteIdent(schema)}, pg_catalog; REFRESH MATERIALIZED VIEW ${unlocked ? 'CONCURRENTLY ' : ''}${quoteQualified(schema, name)}`;
    try {
      await connections.withTransaction(clusterId, database, (client) => client.query(sql), {
        actor,
        lockTimeoutMs,
        memberOf: [place.ownerRole],
      });
      refreshed.push(name);
    } catch (error) {
      // The tenant's own query, or its readers; the others are refreshed all the same.
      if (!(error instanceof BerthError) || lasting.includes(error.code)) throw error;
      stale.push(name);
    }
  }
  return { refreshed, stale };
}
