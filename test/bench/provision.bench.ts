// How many tenants with ten tables a second: through desk, queue and a worker process, against the same DDL written by hand
// and sent straight to the same server with the same concurrency. On an empty cluster, and again beside 2,000 tenants.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tenantsDatabase, type Place, type TenantId } from '@berth/domain';
import { PlanCatalog } from '@berth/ports';
import { Client } from 'pg';
import { BenchSystem, clusterId } from './bench-system.js';
import { readOptions } from './options.js';
import { placesOf, RawTenants, tenTables } from './raw-tenants.js';
import { report } from './report.js';
import { interleave, median, medianRatio, medians, type Pair } from './rounds.js';

const options = readOptions({ rounds: 5, batch: 40, concurrency: 4, neighbours: 2_000 });
const planName = 'starter';
const atPlace = { id: clusterId, database: tenantsDatabase };

class ProvisionBench {
  #batches = 0;
  /** Milliseconds of processor time a tenant, by part, one entry a batch. */
  readonly processorMs: { readonly raw: Record<string, number>[]; readonly berth: Record<string, number>[] } = {
    raw: [],
    berth: [],
  };

  constructor(
    private readonly system: BenchSystem,
    private readonly catalog: Client,
    private readonly raw: RawTenants,
  ) {}

  async rates(): Promise<readonly Pair[]> {
    return interleave(
      { rounds: options.rounds, warmUp: 1 },
      {
        anchor: () => this.watched(this.processorMs.raw, () => this.rawRate()),
        subject: () => this.watched(this.processorMs.berth, () => this.berthRate()),
      },
    );
  }

  private async watched(into: Record<string, number>[], measure: () => Promise<number>): Promise<number> {
    const before = await this.system.processorSeconds();
    const ownBefore = process.cpuUsage();
    const rate = await measure();
    const own = process.cpuUsage(ownBefore);
    const after = await this.system.processorSeconds();
    const used = Object.entries(after).map(([part, seconds]) => [part, seconds - (before[part] ?? 0)] as const);
    const all = [...used, ['caller', (own.user + own.system) / 1e6] as const];
    into.push(
      Object.fromEntries(all.map(([part, seconds]) => [part, Math.round((seconds * 1e4) / options.batch) / 10])),
    );
    return rate;
  }

  /** The neighbours stand on the cluster and in the catalog; they are made by hand, as 2,000 by Berth would take a minute. */
  async addNeighbours(): Promise<void> {
    const places = placesOf('neighbour', options.neighbours, atPlace);
    await this.raw.create(places);
    await this.catalog.query(
      `INSERT INTO berth.tenants (id, state, plan, constraints) SELECT id, 'ready', $2, '{"labels": {}}' FROM unnest($1::text[]) id`,
      [places.map(({ tenantId }) => tenantId), planName],
    );
    await this.catalog.query(
      `INSERT INTO berth.placements (tenant_id, generation, state, tier, cluster_id, database_name, schema_name, owner_role, login_a, login_b, operation_id)
       SELECT p->>'tenantId', 1, 'current', 'shared', $2, $3, p->>'schema', p->>'ownerRole', p->'loginRoles'->>'a', p->'loginRoles'->>'b', 'none'
       FROM jsonb_array_elements($1::jsonb) p`,
      [JSON.stringify(places), clusterId, tenantsDatabase],
    );
    await this.catalog.query('ANALYZE berth.tenants, berth.placements');
  }

  /** The anchor's tenants must pass the same inspection as Berth's, or it would not be the same DDL. */
  async verifyAnchor(place: Place): Promise<void> {
    const { tools } = this.system;
    const limits = (await this.plan()).limits;
    const findings = await tools.database.inspect({
      place,
      limits,
      logins: 'open',
      verifiers: { a: this.raw.verifier },
    });
    // The note by which Berth knows its own verifier again is no DDL that a person would write.
    const faults = findings.filter(({ code }) => code !== 'wrong-password');
    if (faults.length > 0) throw new Error(`the anchor differs: ${faults.map(({ message }) => message).join(' ')}`);
  }

  private async plan() {
    const plan = (await this.system.part(PlanCatalog).list()).find(({ name }) => name === planName);
    if (plan === undefined) throw new Error(`there is no plan ${planName}`);
    return plan;
  }

  private async rawRate(): Promise<number> {
    const places = placesOf(`raw-${String((this.#batches += 1))}`, options.batch, atPlace);
    const rate = options.batch / (await this.raw.create(places));
    const [first] = places;
    if (first !== undefined) await this.verifyAnchor(first);
    return rate;
  }

  private async berthRate(): Promise<number> {
    const ids = placesOf(`berth-${String((this.#batches += 1))}`, options.batch, atPlace).map(
      (place) => place.tenantId,
    );
    const began = performance.now();
    await this.order([...ids]);
    while ((await this.ended(ids)) < ids.length) await new Promise((resolve) => setTimeout(resolve, 25));
    return ids.length / ((performance.now() - began) / 1000);
  }

  /** As many callers at once as there are workers. */
  private async order(ids: TenantId[]): Promise<void> {
    const { desk } = this.system;
    const caller = async () => {
      for (let tenantId = ids.shift(); tenantId !== undefined; tenantId = ids.shift()) {
        await desk.start({ kind: 'provision-tenant', tenantId, plan: planName, constraints: { labels: {} } }, 'bench');
      }
    };
    await Promise.all(Array.from({ length: options.concurrency }, caller));
  }

  private async ended(ids: readonly TenantId[]): Promise<number> {
    const { rows } = await this.catalog.query<{ ready: number; bad: number }>(
      `SELECT count(*) FILTER (WHERE state = 'succeeded')::int AS ready,
              count(*) FILTER (WHERE state IN ('failed', 'cancelled', 'needs-operator'))::int AS bad
       FROM berth.operations WHERE tenant_id = ANY ($1)`,
      [ids],
    );
    const [counts] = rows;
    if (counts === undefined || counts.bad > 0) throw new Error('a tenant was not provisioned');
    return counts.ready;
  }
}

async function withBench<T>(work: (bench: ProvisionBench) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'berth-bench-'));
  const migrationsDir = path.join(folder, 'migrations');
  await mkdir(migrationsDir);
  await writeFile(path.join(migrationsDir, '0001-shop.sql'), `${tenTables};\n`);
  const system = await BenchSystem.open({ migrationsDir, concurrency: options.concurrency });
  const catalog = new Client({ connectionString: system.catalog.url });
  await catalog.connect();
  const plan = (await system.part(PlanCatalog).list()).find(({ name }) => name === planName);
  if (plan === undefined) throw new Error(`there is no plan ${planName}`);
  const raw = new RawTenants(system.cluster.adminUrl(tenantsDatabase), options.concurrency, plan.limits);
  try {
    return await work(new ProvisionBench(system, catalog, raw));
  } finally {
    await Promise.all([catalog.end(), raw.close()]);
    await system.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const { empty, full, processorMs } = await withBench(async (bench) => {
  const atZero = await bench.rates();
  await bench.addNeighbours();
  return { empty: atZero, full: await bench.rates(), processorMs: bench.processorMs };
});
const whole = (parts: Readonly<Record<string, number>>) => Object.values(parts).reduce((sum, ms) => sum + ms, 0);
const processor = { unit: 'ms a tenant', aim: null, better: 'lower' } as const;
const slower = median(empty.map(({ subject }) => subject)) / median(full.map(({ subject }) => subject));
const beside = `beside ${String(options.neighbours)} tenants`;
const rate = { unit: 'tenants/s', aim: null, better: 'higher' } as const;
const ratio = { unit: 'x raw', aim: 0.8, better: 'higher' } as const;
report(
  {
    bench: 'provision',
    results: [
      { name: 'raw rate on an empty cluster', value: medians(empty).anchor, ...rate },
      { name: 'rate on an empty cluster', value: medians(empty).subject, ...rate },
      { name: 'ratio on an empty cluster', value: medianRatio(empty), ...ratio },
      { name: `raw rate ${beside}`, value: medians(full).anchor, ...rate },
      { name: `rate ${beside}`, value: medians(full).subject, ...rate },
      { name: `ratio ${beside}`, value: medianRatio(full), ...ratio },
      { name: 'processor time, raw', value: median(processorMs.raw.map(whole)), ...processor },
      { name: 'processor time', value: median(processorMs.berth.map(whole)), ...processor },
      { name: `times slower ${beside}`, value: slower, unit: 'x', aim: 1.5, better: 'lower' },
    ],
    samples: { empty, full, rawProcessorMs: processorMs.raw, processorMs: processorMs.berth },
    units: { empty: 'tenants/s', full: 'tenants/s' },
  },
  options,
);
