// Whole online moves as a client behind PgBouncer feels them, pgbench, which repeats nothing: the longest gap between two acknowledged
// transactions while the tenant goes to another cluster, and back.
import { setTimeout as pause } from 'node:timers/promises';
import type { Operation, TenantId } from '@berth/domain';
import { postgresMajors, startPgBouncer, type TestPgBouncer } from '@berth/testing';
import pg from 'pg';
import { moveTo, readyTenant, toSecond } from '../crash/scenarios/tenants.js';
import { secretOf } from '../crash/tenant-data.js';
import { World } from '../crash/world.js';
import { durable } from './bench-system.js';
import { dotChart, writeCharts } from './charts.js';
import { readOptions } from './options.js';
import { pgbench, type PgbenchAnswer } from './pgbench.js';
import { report, type Result } from './report.js';
import { median } from './rounds.js';

const options = readOptions({
  ...{ switches: 20, clients: 16, rate: 1_000, seconds: 40 },
  ...{ majors: '15,18' },
});

interface Sample extends PgbenchAnswer {
  /** From the moment at which clients were held to that at which they went on, as the operation tells it. */
  readonly heldMs: number | null;
  /** Rows that came, less those that were acknowledged. */
  readonly surplus: number;
}

interface Series {
  readonly name: string;
  readonly samples: readonly Sample[];
}

class PooledTenant {
  private constructor(
    readonly world: World,
    private readonly pooler: TestPgBouncer,
    private readonly tenantId: TenantId,
  ) {}

  static async start(major: number): Promise<PooledTenant> {
    const world = await World.open({}, {}, { major, replication: true, settings: durable });
    const pooler = await startPgBouncer({ max_client_conn: '200' });
    await world.registerPooler('pool-1', pooler);
    const tenant = new PooledTenant(world, pooler, await readyTenant(world));
    const client = new pg.Client({ connectionString: (await secretOf(world, tenant.tenantId)).url });
    await client.connect();
    await client.query('CREATE TABLE written (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int NOT NULL)');
    await client.end();
    return tenant;
  }

  async close(): Promise<void> {
    await this.world.close();
    await this.pooler.stop();
  }

  /** There: asked for, copied, compared; and the switch pressed while pgbench is at work. */
  async goes(): Promise<{ readonly sample: Sample; readonly moveId: string }> {
    const { world, tenantId } = this;
    const { id } = await world.desk.start(moveTo(tenantId, toSecond, 'manual', 'online'), 'bench');
    const moving = world.runToEnd(id);
    while ((await world.operation(id)).steps.every(({ name, state }) => name !== 'prepare-fence' || state !== 'done'))
      await pause(25);
    const sample = await this.#during(async () => {
      await world.desk.requestSwitch(id);
      return moving;
    });
    return { sample, moveId: id };
  }

  async returns(moveId: string): Promise<Sample> {
    const sample = await this.#during(() => this.world.perform({ kind: 'reverse-move', moveId }));
    await this.world.perform({ kind: 'complete-move', moveId });
    return sample;
  }

  async #during(act: () => Promise<Operation>): Promise<Sample> {
    const { bin, access } = { bin: this.world.servers['shared-1']?.bin ?? '', access: this.pooler.access };
    const { username: user, password } = await secretOf(this.world, this.tenantId);
    const before = await this.#rows();
    const { clients, rate, seconds } = options;
    const [answer, { state, result, endedAt }] = await Promise.all([
      pgbench({
        ...{ bin, host: access.host, port: access.port, database: this.tenantId, user, password },
        ...{ script: 'INSERT INTO written (n) VALUES (1);', clients, rate, seconds },
      }),
      pause(1_000).then(act),
    ]);
    if (state !== 'succeeded') throw new Error(`the move ${state}`);
    // What nobody wrote through would look like the best switch of all.
    if (endedAt === null || answer.endedAt < endedAt.getTime())
      throw new Error('pgbench ended before the move: give it more --seconds');
    const heldMs = (result as { readonly poolerPauseMs: number | null } | null)?.poolerPauseMs ?? null;
    return { ...answer, heldMs, surplus: (await this.#rows()) - before - answer.acknowledged };
  }

  /** Not as the tenant: the pooler's connections may be all that its login has. */
  async #rows(): Promise<number> {
    const { port, database, schema } = await secretOf(this.world, this.tenantId);
    const server = Object.values(this.world.servers).find((one) => one.port === port);
    if (server === undefined) throw new Error(`no server of the bench listens on ${String(port)}`);
    return Number(await server.psql(`SELECT count(*) FROM "${schema}".written`, database));
  }
}

async function measure(major: number): Promise<Series> {
  const tenant = await PooledTenant.start(major);
  try {
    const samples: Sample[] = [];
    while (samples.length < options.switches) {
      const { sample, moveId } = await tenant.goes();
      samples.push(sample, await tenant.returns(moveId));
    }
    return { name: `PostgreSQL ${major}`, samples };
  } finally {
    await tenant.close();
  }
}

function resultsOf({ name, samples }: Series): readonly Result[] {
  const ms = { unit: 'ms', better: 'lower' } as const;
  const none = { unit: '', aim: 0, better: 'lower' } as const;
  const held = samples.flatMap(({ heldMs }) => (heldMs === null ? [] : [heldMs]));
  return [
    {
      name: `${name}: transactions reached`,
      value: median(samples.map(({ rate }) => rate)),
      unit: 'tx/s',
      aim: null,
      better: 'higher',
    },
    { name: `${name}: gap, median`, value: median(samples.map(({ longestMs }) => longestMs)), aim: 45, ...ms },
    { name: `${name}: gap, longest`, value: Math.max(...samples.map(({ longestMs }) => longestMs)), aim: null, ...ms },
    { name: `${name}: clients held, median`, value: median(held), aim: null, ...ms },
    { name: `${name}: errors`, value: samples.flatMap(({ errors }) => errors).length, ...none },
    { name: `${name}: lost`, value: samples.filter(({ surplus }) => surplus < 0).length, ...none },
    { name: `${name}: doubled`, value: samples.filter(({ surplus }) => surplus > 0).length, ...none },
  ];
}

const available = (await postgresMajors()).map(({ major }) => major);
const asked = options.majors.split(',').map(Number);
for (const major of asked.filter((one) => !available.includes(one)))
  console.log(`PostgreSQL ${major} is not here: BERTH_TEST_PG_BINS names bin folders. Left out.`);
const series: Series[] = [];
for (const major of asked.filter((one) => available.includes(one))) series.push(await measure(major));

if (series.length === 0) throw new Error('none of the PostgreSQL versions that were asked for is here');
for (const { name, samples } of series)
  for (const error of samples.flatMap(({ errors }) => errors).slice(0, 3)) console.log(`${name}: ${error}`);
const chart = dotChart(
  'Longest gap between two acknowledged transactions behind PgBouncer, each switch',
  'ms',
  series.map(({ name, samples }) => ({ name, values: samples.map(({ longestMs }) => longestMs) })),
  [{ name: 'aim: median', at: 45 }],
);
await writeCharts(options.charts, { 'switch-pgbouncer-gaps': chart });
report(
  {
    bench: 'switch-pgbouncer',
    results: series.flatMap(resultsOf),
    samples: Object.fromEntries(series.map((one) => [one.name, one.samples])),
  },
  options,
);
