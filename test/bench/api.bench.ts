// Authenticated reads of the API against a bare Nest-on-Fastify handler that makes the same calls of the same catalog, with
// 10,000 tenants in it. Each server is a process of its own; this one sends the load, over keep-alive connections.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { openCatalog } from '@berth/catalog';
import { startPostgres } from '@berth/testing';
import { measureRate } from './http-load.js';
import { readOptions } from './options.js';
import { report, type Result } from './report.js';
import { interleave, medianRatio, medians, type Pair } from './rounds.js';

const options = readOptions({ rounds: 15, seconds: 1, tenants: 10_000, connections: 32 });
const { tenants } = options;
const key = `berth_${randomBytes(32).toString('base64url')}`;

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
}

async function startServer(kind: 'bare' | 'berth', url: string): Promise<Server> {
  const script = path.join(import.meta.dirname, 'api-server.ts');
  const loader = path.join(import.meta.dirname, '../../scripts/ts.mjs');
  const child = spawn(process.execPath, ['--expose-gc', '--import', loader, script, kind, url, key], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return { child, port: Number(line) };
}

async function residentBytes({ child }: Server): Promise<number> {
  child.send('memory');
  const [bytes] = (await once(child, 'message')) as [number];
  return bytes;
}

const fill = `
  INSERT INTO berth.tenants (id, state, plan, constraints)
    SELECT 'tenant-' || n, 'ready', 'starter', '{"labels": {}}' FROM generate_series(1, ${tenants}) n;
  INSERT INTO berth.placements (tenant_id, generation, state, tier, cluster_id, database_name, schema_name, owner_role, login_a, login_b, operation_id)
    SELECT 'tenant-' || n, 1, 'current', 'shared', 'shared-1', 'tenants', 'tenant_tenant_' || n, 'o' || n, 'a' || n, 'b' || n, 'op-' || n
    FROM generate_series(1, ${tenants}) n;
  ANALYZE;`;

const postgres = await startPostgres();
const servers: Server[] = [];
try {
  const database = await postgres.createDatabase();
  const url = postgres.adminUrl(database);
  const catalog = await openCatalog(url);
  await catalog.migrate();
  await catalog.close();
  await postgres.psql(fill, database);
  const bare = await startServer('bare', url);
  servers.push(bare);
  const berth = await startServer('berth', url);
  servers.push(berth);
  const memoryAtStart = { bare: await residentBytes(bare), berth: await residentBytes(berth) };
  const routes = {
    'GET of one': () => `/v1/tenants/tenant-${String(1 + Math.floor(Math.random() * tenants))}`,
    'list of 50': () => '/v1/tenants?limit=50',
  };
  const results: Result[] = [];
  const samples: Record<string, readonly Pair[]> = {};
  for (const [name, at] of Object.entries(routes)) {
    const rateOf = (server: Server) => () =>
      measureRate({
        port: server.port,
        path: at,
        headers: { authorization: `Bearer ${key}` },
        connections: options.connections,
        seconds: options.seconds,
      });
    const pairs = await interleave(
      { rounds: options.rounds, warmUp: 1 },
      { anchor: rateOf(bare), subject: rateOf(berth) },
    );
    const { anchor, subject } = medians(pairs);
    const rate = { unit: 'answers/s', aim: null, better: 'higher' } as const;
    results.push({ name: `${name}, bare handler`, value: anchor, ...rate });
    results.push({ name: `${name}, Berth`, value: subject, ...rate });
    results.push({ name: `${name}, ratio`, value: medianRatio(pairs), unit: 'x bare', aim: 0.8, better: 'higher' });
    samples[name] = pairs;
  }
  const memoryAtEnd = { bare: await residentBytes(bare), berth: await residentBytes(berth) };
  report({ bench: 'api', results, samples: { ...samples, residentBytes: [memoryAtStart, memoryAtEnd] } }, options);
} finally {
  for (const { child } of servers) child.kill();
  await postgres.stop();
}
