// Every question that API, worker and metrics ask of the catalog again and again, with 100,000 tenants and 1,000,000 operations
// in it: how long it takes, and whether it reads a table from end to end.
//
// Fewer, in a minute or two: --tenants 5000 --operations 50000 --samples 10
import { ApiMetrics } from '@berth/api';
import { openCatalog, type OpenCatalog } from '@berth/catalog';
import type { JobQueue } from '@berth/ports';
import { catalogQuestions, fillCatalog, startPostgres, type TestPostgres } from '@berth/testing';
import { durable } from './bench-system.js';
import { readOptions } from './options.js';
import { report, type Result } from './report.js';

const options = readOptions({ tenants: 100_000, operations: 1_000_000, samples: 200 });

/** On top of the questions themselves: all that one scrape of `/metrics` asks of the catalog. The queue is measured by its own benchmark. */
function questionsOf(catalog: OpenCatalog): ReturnType<typeof catalogQuestions> {
  const queue = { depth: async () => ({}) } as unknown as JobQueue;
  const scrape = (): (() => Promise<unknown>) => {
    const metrics = new ApiMetrics({ ...catalog, queue, watchers: () => 0 });
    return async () => {
      const text = await metrics.registry.metrics();
      // What cannot be read is left out of a scrape, which would make a fast one.
      if (/^berth_metrics_unread_total\{/m.test(text)) throw new Error('a scrape could not read all of its counts');
    };
  };
  let scraped: (() => Promise<unknown>) | undefined;
  return { ...catalogQuestions(catalog, options), 'a scrape of /metrics': () => (scraped ??= scrape())() };
}

const fullScans = /* sql */ `
  SELECT sum(seq_scan) FROM pg_stat_user_tables
  WHERE schemaname = 'berth' AND n_live_tup > 10000
`;

/** Statistics of sessions that ended are all there. */
async function scansSoFar(server: TestPostgres, database: string): Promise<number> {
  const others = `SELECT count(*) FROM pg_stat_activity WHERE datname = '${database}' AND application_name = 'berth'`;
  while ((await server.psql(others)) !== '0');
  return Number(await server.psql(fullScans, database));
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

const server = await startPostgres({ settings: { ...durable, shared_buffers: '512MB', max_wal_size: '4GB' } });
try {
  const database = await server.createDatabase();
  const making = await openCatalog(server.adminUrl(database));
  await making.migrate();
  await making.close();
  await server.psql(fillCatalog(options), database);
  await server.psql('VACUUM ANALYZE', database);
  const size = Number(await server.psql('SELECT pg_database_size(current_database())', database));
  const results: Result[] = [
    { name: 'size of the catalog', value: size / 1e9, unit: 'GB', aim: null, better: 'lower' },
  ];
  const samples: Record<string, readonly number[]> = {};
  const names = Object.keys(questionsOf({} as never));
  let before = await scansSoFar(server, database);
  for (const name of names) {
    const catalog = await openCatalog(server.adminUrl(database), { poolSize: 1 });
    const question = questionsOf(catalog)[name];
    if (question === undefined) throw new Error(`no question ${name}`);
    const times: number[] = [];
    // The first ones open the connection and plan.
    for (let at = -5; at < options.samples; at += 1) {
      const began = performance.now();
      await question(at + 5);
      if (at >= 0) times.push(performance.now() - began);
    }
    await catalog.close();
    const after = await scansSoFar(server, database);
    const scans = after - before;
    before = after;
    const sorted = times.sort((one, other) => one - other);
    results.push({ name, value: percentile(sorted, 0.99), unit: 'ms p99', aim: 100, better: 'lower' });
    if (scans > 0) results.push({ name: `${name}: full scans`, value: scans, unit: '', aim: 0, better: 'lower' });
    samples[name] = sorted;
  }
  report({ bench: 'catalog-scale', results, samples, units: 'ms' }, options);
} finally {
  await server.stop();
}
