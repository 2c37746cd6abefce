// Point reads through the client library against a bare `pg` pool: the same login, the same number of connections, the same
// statement, in one process. One tenant, and many at once with a bare pool for each.
import { createTenants } from '@berth/client';
import { ClientTenants } from '@berth/testing';
import pg from 'pg';
import { dotChart, writeCharts } from './charts.js';
import { readOptions } from './options.js';
import { report, type Result } from './report.js';
import { interleave, median, medianRatio, medians, ratios } from './rounds.js';

const options = readOptions({
  rounds: 30,
  seconds: 0.5,
  tenants: 8,
  connections: 4,
  readers: 16,
  rows: 10_000,
});
const { connections, readers, rows, seconds } = options;
const text = 'SELECT id, name FROM item WHERE id = $1';

type Read = (tenantId: string, id: number) => Promise<{ readonly rowCount: number | null }>;

interface Load {
  readonly rate: number;
  /** Reads a second of this process's own processor time, which no neighbour on the machine can take. */
  readonly perCpu: number;
}

/** Each reader asks one after another, of random tenants and rows. */
async function loadOf(read: Read, ids: readonly string[]): Promise<Load> {
  let reads = 0;
  const cpu = process.cpuUsage();
  const began = performance.now();
  const until = began + seconds * 1000;
  const reader = async (): Promise<void> => {
    while (performance.now() < until) {
      const id = ids[Math.floor(Math.random() * ids.length)] ?? '';
      const { rowCount } = await read(id, 1 + Math.floor(Math.random() * rows));
      if (rowCount !== 1) throw new Error(`a read of ${id} found ${String(rowCount)} rows`);
      reads += 1;
    }
  };
  await Promise.all(Array.from({ length: readers }, reader));
  const { user, system } = process.cpuUsage(cpu);
  return { rate: (reads * 1000) / (performance.now() - began), perCpu: reads / ((user + system) / 1_000_000) };
}

const here = await ClientTenants.start();
const ids = Array.from({ length: Math.max(1, options.tenants) }, (_, number) => `tenant-${String(number)}`);
const pools = new Map<string, pg.Pool>();
const tenants = createTenants({
  placement: here.source,
  pools: { connections: connections * ids.length, connectionsPerTenant: connections },
});
try {
  for (const id of ids) {
    const { host, port, database, username: user, password, schema } = await here.add(id);
    await here.psql(
      `INSERT INTO ${schema}.item (name) SELECT 'row ' || n FROM generate_series(2, ${String(rows)}) n; ANALYZE ${schema}.item`,
    );
    pools.set(id, new pg.Pool({ host, port, database, user, password, max: connections }));
  }
  const bare: Read = (id, row) => pools.get(id)!.query(text, [row]);
  const client: Read = (id, row) => tenants.query(id, text, [row]);
  const results: Result[] = [];
  const samples: Record<string, readonly unknown[]> = {};
  const series: { readonly name: string; readonly values: readonly number[] }[] = [];
  for (const [name, asked] of [
    ['one tenant', ids.slice(0, 1)],
    [`${String(ids.length)} tenants`, ids],
  ] as const) {
    const perCpu: { readonly anchor: number[]; readonly subject: number[] } = { anchor: [], subject: [] };
    const keep = async (side: 'anchor' | 'subject', read: Read): Promise<number> => {
      const load = await loadOf(read, asked);
      perCpu[side].push(load.perCpu);
      return load.rate;
    };
    const pairs = await interleave(
      { rounds: options.rounds, warmUp: 2 },
      { anchor: () => keep('anchor', bare), subject: () => keep('subject', client) },
    );
    const { anchor, subject } = medians(pairs);
    const rate = { unit: 'reads/s', aim: null, better: 'higher' } as const;
    const ratio = { unit: 'x bare', better: 'higher' } as const;
    const byProcessor = median(perCpu.subject) / median(perCpu.anchor);
    results.push({ name: `${name}, bare pool`, value: anchor, ...rate });
    results.push({ name: `${name}, client`, value: subject, ...rate });
    results.push({ name: `${name}, ratio`, value: medianRatio(pairs), aim: 0.9, ...ratio });
    results.push({ name: `${name}, ratio by processor time`, value: byProcessor, aim: null, ...ratio });
    series.push({ name, values: ratios(pairs) });
    samples[name] = pairs;
    samples[`${name}, a processor second`] = [perCpu];
  }
  await writeCharts(options.charts, {
    client: dotChart('Reads a second through the client, each round', 'x bare', series, [
      { name: 'aim: least', at: 0.9 },
    ]),
  });
  report({ bench: 'client', results, samples, units: 'reads/s' }, options);
} finally {
  await tenants.close();
  await Promise.all([...pools.values()].map((pool) => pool.end()));
  await here.stop();
}
