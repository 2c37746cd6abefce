// Authenticated reads of the API against a bare Nest-on-Fastify handler that makes the same calls of the same catalog, with
// 10,000 tenants in it. Aim: 0.8 of the bare rate.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { openCatalog } from '@berth/catalog';
import { startPostgres } from '@berth/testing';
import { measureRate } from './http-load.js';

const tenants = 10_000;
const aim = 0.8;
const rounds = Number(process.env['BERTH_BENCH_ROUNDS'] ?? 5);
const seconds = Number(process.env['BERTH_BENCH_SECONDS'] ?? 3);
const connections = 32;
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

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
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
  console.log(
    `resident after the start: bare ${Math.round((await residentBytes(bare)) / 1e6)} MB, berth ${Math.round((await residentBytes(berth)) / 1e6)} MB`,
  );
  const routes = {
    'GET one': () => `/v1/tenants/tenant-${1 + Math.floor(Math.random() * tenants)}`,
    'list of 50': () => '/v1/tenants?limit=50',
  };
  for (const [name, at] of Object.entries(routes)) {
    const rates: { bare: number; berth: number }[] = [];
    for (let round = -1; round < rounds; round += 1) {
      const rate = (server: Server) =>
        measureRate({
          port: server.port,
          path: at,
          headers: { authorization: `Bearer ${key}` },
          connections,
          seconds: round < 0 ? 1 : seconds,
        });
      const pair = { bare: await rate(bare), berth: await rate(berth) };
      if (round >= 0) rates.push(pair);
    }
    const ratio = median(rates.map((pair) => pair.berth / pair.bare));
    console.log(
      `${name.padEnd(11)} bare ${median(rates.map((pair) => pair.bare)).toFixed(0)}/s  berth ${median(rates.map((pair) => pair.berth)).toFixed(0)}/s  ` +
        `ratio ${ratio.toFixed(2)} (aim ${aim})${ratio < aim ? '  BELOW THE AIM' : ''}`,
    );
  }
  console.log(
    `resident after the load: bare ${Math.round((await residentBytes(bare)) / 1e6)} MB, berth ${Math.round((await residentBytes(berth)) / 1e6)} MB`,
  );
} finally {
  for (const { child } of servers) child.kill();
  await postgres.stop();
}
