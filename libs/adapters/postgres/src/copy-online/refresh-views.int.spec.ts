import type { LongWork } from '@berth/ports';
import { startTenantPair, type TenantPair } from '@berth/testing';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { refreshViews } from './refresh-views.js';

const quiet: LongWork = { signal: new AbortController().signal, onProgress: () => undefined };

describe('the materialized views of a place', () => {
  let pair: TenantPair;
  let connections: ClusterConnections;

  beforeAll(async () => {
    pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql) });
    connections = new ClusterConnections(pair.directory);
  });
  afterAll(async () => {
    await connections?.close();
    await pair?.close();
  });

  it('are refreshed in the order in which they read each other; one that its own query keeps from it is named', async () => {
    const { source, actor } = await pair.another('views');
    await pair.run(
      source,
      `CREATE TABLE item (n int); INSERT INTO item VALUES (1);
       CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM item';
       CREATE MATERIALIZED VIEW zero AS SELECT n, 1 / n AS share FROM item;
       CREATE MATERIALIZED VIEW total AS SELECT counted() AS n;
       CREATE UNIQUE INDEX ON total (n);
       CREATE MATERIALIZED VIEW above AS SELECT n + 1 AS n FROM total;
       CREATE MATERIALIZED VIEW empty AS SELECT 1 AS n WITH NO DATA;
       INSERT INTO item VALUES (0);`,
    );
    const views = await refreshViews(connections, source, actor, quiet);
    expect(views).toEqual({ refreshed: ['total', 'above'], stale: ['zero'] });
    expect(await pair.sourceServer.psql(`SELECT n FROM ${source.schema}.above`, source.database)).toBe('3');
  });

  it('are refreshed where their owner may make no temporary table, as on every cluster by its standard', async () => {
    const { source, actor } = await pair.another('plain-views');
    await pair.run(
      source,
      `CREATE TABLE item (n int); CREATE MATERIALIZED VIEW total AS SELECT count(*) AS n FROM item;
       CREATE UNIQUE INDEX ON total (n); INSERT INTO item VALUES (0);`,
    );
    await pair.sourceServer.psql(`REVOKE TEMPORARY ON DATABASE ${source.database} FROM PUBLIC`);
    expect(await refreshViews(connections, source, actor, quiet)).toEqual({ refreshed: ['total'], stale: [] });
    await pair.sourceServer.psql(`GRANT TEMPORARY ON DATABASE ${source.database} TO PUBLIC`);
    expect(await pair.run(source, 'SELECT n FROM total')).toBe('1');
  });

  it('are named when their readers do not let go, and nobody waits behind us', async () => {
    const { source, actor } = await pair.another('read-views');
    await pair.run(source, 'CREATE MATERIALIZED VIEW read AS SELECT 1 AS n');
    await connections.withTransaction(
      source.clusterId,
      source.database,
      async (client) => {
        await client.query(`SELECT FROM ${source.schema}.read`);
        expect(await refreshViews(connections, source, actor, quiet)).toEqual({ refreshed: [], stale: ['read'] });
      },
      { memberOf: [source.ownerRole] },
    );
  });
});
