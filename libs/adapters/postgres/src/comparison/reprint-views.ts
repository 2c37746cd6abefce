import type { Place } from '@berth/domain';
import type { ClusterConnections } from '../connection/index.js';
import type { Definition } from './definitions.js';

/** Where a view's query begins in its definition. */
const queryMark = '; as ';

/**
 * A newer server prints the same query in other words (16 leaves table names out where there is one table). So the source's
 * text is read by the target, as a temporary view in a transaction that is rolled back, and compared as the target prints it.
 * Nothing is executed: making a view only parses. A text that the target cannot read stays as it is, and differs.
 */
export async function reprintViews(
  connections: ClusterConnections,
  target: Place,
  source: readonly Definition[],
  theirs: readonly Definition[],
): Promise<readonly Definition[]> {
  const known = new Map(
    theirs.filter(({ kind }) => kind === 'view').map(({ object, definition }) => [object, definition]),
  );
  const differs = ({ kind, object, definition }: Definition): boolean =>
    kind === 'view' && definition.includes(queryMark) && known.has(object) && known.get(object) !== definition;
  if (!source.some(differs)) return source;
  return connections.withClient(target.clusterId, target.database, async (client) => {
    const reprinted: Definition[] = [];
    for (const one of source) {
      if (!differs(one)) {
        reprinted.push(one);
        continue;
      }
      const at = one.definition.indexOf(queryMark) + queryMark.length;
      await client.query('BEGIN');
      const query = await client
        // A name makes it a prepared statement, which can be one statement only, whatever the text holds.
        .query({
          name: `reprint-${String(reprinted.length)}`,
          text: `CREATE TEMP VIEW berth_reprint AS ${one.definition.slice(at)}`,
        })
        .then(() =>
          client.query<{ query: string }>(`SELECT pg_get_viewdef('pg_temp.berth_reprint'::regclass) AS query`),
        )
        .then(({ rows }) => rows[0]?.query)
        .catch(() => undefined);
      await client.query('ROLLBACK');
      reprinted.push(query === undefined ? one : { ...one, definition: one.definition.slice(0, at) + query });
    }
    return reprinted;
  });
}
