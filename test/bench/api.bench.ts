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
import { interleave, median, medianRatio, medians } from './rounds.js';

const options = readOptions({ rounds: 40, seconds: 0.4, tenants: 10_000, connections: 32 });
const { tenants } = options;
const key = `berth_${randomBytes(32).toString('base64url')}`;

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
}

async function startServer(kind: 'bare' | 'berth', url: string): Promise<Server> {
  const script = path.join(import.meta.dirname, 'api-server.ts');
  const loader = path.join(import.meta.dirname, '../../scripts/ts.mjs');
  // The second flag is the one that Berth's processes are started with.
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--max-semi-space-size=8', '--import', loader, script, kind, url, key],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  );
  const line = await Promise.race([
    once(createInterface({ input: child.stdout! }), 'line').then(([first]) => String(first)),
    once(child, 'exit').then(() => Promise.reject(new Error(`the ${kind} server ended before it listened`))),
  ]);
  return { child, port: Number(line) };
}

interface Usage {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

const collected = 'usage after a collection';

async function usageOf({ child }: Server, asked = 'usage'): Promise<Usage> {
  child.send(asked);
  const [usage] = (await once(child, 'message')) as [Usage];
  return usage;
}

/** Answers a second, and answers a second of the server's own processor time, which no neighbour on the machine can take. */
async function loadOf(server: Server, at: () => string): Promise<{ readonly rate: number; readonly perCpu: number }> {
  const before = await usageOf(server);
  const { port } = server;
  const { connections, seconds } = options;
  const headers = { authorization: `Bearer ${key}` };
  const rate = await measureRate({ port, path: at, headers, connections, seconds });
  const after = await usageOf(server);
  return { rate, perCpu: (rate * seconds) / (after.cpuSeconds - before.cpuSeconds) };
}

async function measureRoute(at: () => string, bare: Server, berth: Server) {
  const perCpu: { anchor: number[]; subject: number[] } = { anchor: [], subject: [] };
  const keep = async (side: 'anchor' | 'subject', server: Server) => {
    const found = await loadOf(server, at);
    perCpu[side].push(found.perCpu);
    return found.rate;
  };
  const pairs = await interleave(
    { rounds: options.rounds, warmUp: 2 },
    { anchor: () => keep('anchor', bare), subject: () => keep('subject', berth) },
  );
  return { pairs, perCpu, perCpuRatio: median(perCpu.subject) / median(perCpu.anchor) };
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
  const usage = async () => ({ bare: await usageOf(bare, collected), berth: await usageOf(berth, collected) });
  const atStart = await usage();
  const routes = {
    'GET of one': () => `/v1/tenants/tenant-${String(1 + Math.floor(Math.random() * tenants))}`,
    'list of 50': () => '/v1/tenants?limit=50',
  };
  const results: Result[] = [];
  const samples: Record<string, readonly unknown[]> = {};
  for (const [name, at] of Object.entries(routes)) {
    const { pairs, perCpu, perCpuRatio } = await measureRoute(at, bare, berth);
    const { anchor, subject } = medians(pairs);
    const rate = { unit: 'answers/s', aim: null, better: 'higher' } as const;
    results.push({ name: `${name}, bare handler`, value: anchor, ...rate });
    results.push({ name: `${name}, Berth`, value: subject, ...rate });
    results.push({ name: `${name}, ratio`, value: medianRatio(pairs), unit: 'x bare', aim: 0.8, better: 'higher' });
    results.push({
      name: `${name}, ratio by processor time`,
      value: perCpuRatio,
      unit: 'x bare',
      aim: null,
      better: 'higher',
    });
    samples[name] = pairs;
    samples[`${name}, a processor second`] = [perCpu];
  }
  const atEnd = await usage();
  const units = { anchor: 'answers/s', subject: 'answers/s' };
  report({ bench: 'api', results, samples: { ...samples, usage: [atStart, atEnd] }, units }, options);
} finally {
  for (const { child } of servers) child.kill();
  await postgres.stop();
}
