import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseTenantId, type DoctorReport, type TenantId } from '@berth/domain';
import { Doctor } from '@berth/operations';
import { TenantCatalog } from '@berth/ports';
import { BenchSystem } from './bench-system.js';
import { readOptions } from './options.js';
import { tenTables } from './raw-tenants.js';
import { report } from './report.js';
import { median } from './rounds.js';

/** An examination of so many tenants with ten tables each; the anchor are their drift reports, one by one. */
const options = readOptions({ tenants: 1_000, rounds: 5, concurrency: 4, anchored: 100 });

const planName = 'free';

async function provision(system: BenchSystem, ids: readonly TenantId[]): Promise<void> {
  const rest = [...ids];
  const caller = async () => {
    for (let tenantId = rest.shift(); tenantId !== undefined; tenantId = rest.shift())
      await system.desk.start(
        { kind: 'provision-tenant', tenantId, plan: planName, constraints: { labels: {} } },
        'bench',
      );
  };
  await Promise.all(Array.from({ length: options.concurrency }, caller));
  const tenants = system.part(TenantCatalog);
  while (((await tenants.countByState()).ready ?? 0) < ids.length)
    await new Promise((resolve) => setTimeout(resolve, 100));
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly seconds: number; readonly result: T }> {
  const began = performance.now();
  const result = await work();
  return { seconds: (performance.now() - began) / 1000, result };
}

/** Whoever finds something in a system without a fault was not measured, but is wrong. */
function requireHealthy({ findings, tenants }: DoctorReport): void {
  if (findings.length > 0) throw new Error(`the doctor found: ${JSON.stringify(findings.slice(0, 3))}`);
  if (tenants !== options.tenants) throw new Error(`only ${String(tenants)} tenants were examined`);
}

const folder = await mkdtemp(path.join(tmpdir(), 'berth-bench-'));
const migrationsDir = path.join(folder, 'migrations');
await mkdir(migrationsDir);
await writeFile(path.join(migrationsDir, '0001-shop.sql'), `${tenTables};\n`);
const system = await BenchSystem.open({ migrationsDir, concurrency: options.concurrency });
const whole: number[] = [];
const oneByOne: number[] = [];
try {
  const ids = Array.from({ length: options.tenants }, (_, number) => parseTenantId(`tenant-${String(number)}`));
  await provision(system, ids);
  const doctor = system.part(Doctor);
  for (let round = 0; round < options.rounds; round += 1) {
    const { seconds, result } = await timed(() => doctor.examine(null));
    requireHealthy(result);
    whole.push(seconds);
    const some = ids.slice(0, options.anchored);
    const anchor = await timed(async () => {
      for (const tenantId of some) await system.desk.plan({ kind: 'repair-tenant', tenantId });
    });
    oneByOne.push((anchor.seconds / some.length) * ids.length);
  }
} finally {
  await system.close();
  await rm(folder, { recursive: true, force: true });
}

const seconds = { unit: 's', better: 'lower' } as const;
report(
  {
    bench: 'doctor',
    results: [
      { name: `${String(options.tenants)} tenants, median`, value: median(whole), aim: 10, ...seconds },
      { name: 'slowest', value: Math.max(...whole), aim: null, ...seconds },
      { name: 'drift reports one by one', value: median(oneByOne), aim: null, ...seconds },
    ],
    samples: { whole, oneByOne },
    units: 's',
  },
  options,
);
