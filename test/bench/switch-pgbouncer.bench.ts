// The benchmark `switch` for clients that know no Berth: pgbench through PgBouncer, which repeats nothing. Whole online moves of a whole
// system (catalog, secrets, poolers), there and back, with noisy neighbours on both servers: the longest gap between two acknowledged
// transactions, what of it each step took by the operation's own record, and every transaction counted by its number.
import type { SwitchTimes } from '@berth/ports';
import { postgresMajors } from '@berth/testing';
import { type Bar, barChart, dotChart, writeCharts } from './charts.js';
import { readOptions } from './options.js';
import { type PooledSwitch, PooledTenant } from './pooled-tenant.js';
import { report, type Result } from './report.js';
import { median } from './rounds.js';

// Short: --switches 1 --majors 15 --tables 2
const options = readOptions({
  // So many there, and as many back.
  ...{ switches: 20, clients: 16, rate: 2_400, neighbours: 4 },
  ...{ leadMs: 2_000, mostSeconds: 120, majors: '15,18', tables: '2,138' },
});
const numbers = (list: string): readonly number[] => list.split(',').map(Number);

const steps = ['prepare', 'lock', 'arm', 'marker', 'sequences', 'pivot', 'open'] as const;

interface Series {
  readonly name: string;
  readonly switches: readonly PooledSwitch[];
}

async function measure(major: number, tables: number): Promise<Series> {
  const name = `PostgreSQL ${major}, ${tables} tables`;
  const tenant = await PooledTenant.start(major, tables, options);
  try {
    const switches: PooledSwitch[] = [];
    while (switches.length < 2 * options.switches) {
      const { switched, moveId } = await tenant.goes();
      switches.push(switched, await tenant.returns(moveId));
      const [there, back] = switches.slice(-2);
      const gaps = `${String(there?.gapMs.toFixed(1))} ms there, ${String(back?.gapMs.toFixed(1))} ms back`;
      console.error(`${name}, ${String(switches.length / 2)}: gap ${gaps}`);
    }
    return { name, switches };
  } finally {
    await tenant.close();
  }
}

const timesOf = (switches: readonly PooledSwitch[]): readonly SwitchTimes[] =>
  switches.flatMap(({ switchTimes }) => switchTimes ?? []);

function resultsOf({ name, switches }: Series): readonly Result[] {
  const ms = { unit: 'ms', better: 'lower' } as const;
  const none = { unit: '', aim: 0, better: 'lower' } as const;
  const of = (figure: (one: PooledSwitch) => number | null): number =>
    median(switches.flatMap((one) => figure(one) ?? []));
  const sum = (figure: (one: PooledSwitch) => number): number => switches.reduce((all, one) => all + figure(one), 0);
  const rate = { unit: 'tx/s', better: 'higher' } as const;
  const told = (what: string, value: number): Result => ({ name: `${name}: ${what}`, value, aim: null, ...ms });
  return [
    { name: `${name}: transactions offered`, value: options.rate, aim: null, ...rate },
    { name: `${name}: transactions reached`, value: of((one) => one.rate), aim: 2_000, ...rate },
    { name: `${name}: gap, median`, value: of(({ gapMs }) => gapMs), aim: 45, ...ms },
    told('gap, longest', Math.max(...switches.map(({ gapMs }) => gapMs))),
    told(
      'gap without a switch',
      of(({ quietMs }) => quietMs),
    ),
    told(
      'clients held at the pooler',
      of(({ poolerPauseMs }) => poolerPauseMs),
    ),
    told(
      'lock held',
      of(({ switchMs }) => switchMs),
    ),
    ...steps.map((step) => told(step, median(timesOf(switches).map((times) => times[step])))),
    {
      ...{ name: `${name}: attempts, most`, unit: '', aim: null, better: 'lower' as const },
      value: Math.max(...switches.map(({ switchAttempts }) => switchAttempts ?? 0)),
    },
    { name: `${name}: errors`, value: sum(({ errors }) => errors.length), ...none },
    { name: `${name}: lost`, value: sum(({ lost }) => lost), ...none },
    { name: `${name}: doubled`, value: sum(({ doubled }) => doubled), ...none },
  ];
}

/** The second step's parts run at once: what counts is how long all of them took. */
function barOf({ name, switches }: Series): Bar {
  const whole = switches.filter(({ switchTimes, switchMs }) => switchTimes !== null && switchMs !== null);
  const of = (figure: (times: SwitchTimes, heldMs: number) => number): number =>
    median(whole.flatMap(({ switchTimes, switchMs }) => figure(switchTimes!, switchMs!)));
  const values = {
    'marker, arm': of(({ sequences, pivot, open }, heldMs) => heldMs - sequences - pivot - open),
    sequences: of(({ sequences }) => sequences),
    pivot: of(({ pivot }) => pivot),
    open: of(({ open }) => open),
  };
  const parts = Object.entries(values).map(([part, value]) => ({ name: part, value }));
  return { name, parts, points: switches.flatMap(({ poolerPauseMs }) => poolerPauseMs ?? []) };
}

const available = (await postgresMajors()).map(({ major }) => major);
const asked = numbers(options.majors);
for (const major of asked.filter((one) => !available.includes(one)))
  console.log(`PostgreSQL ${major} is not here: BERTH_TEST_PG_BINS names bin folders. Left out.`);
const series: Series[] = [];
for (const major of asked.filter((one) => available.includes(one)))
  for (const tables of numbers(options.tables)) series.push(await measure(major, tables));

if (series.length === 0) throw new Error('none of the PostgreSQL versions that were asked for is here');
for (const { name, switches } of series) {
  const all = switches.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  const unheard = switches.reduce((sum, { unacknowledged }) => sum + unacknowledged, 0);
  const both = `${options.switches} switches there and ${options.switches} back`;
  console.log(`${name}: ${both}, ${all} transactions acknowledged, ${unheard} more committed unheard`);
  for (const error of switches.flatMap(({ errors }) => errors).slice(0, 3)) console.log(`${name}: ${error}`);
}
await writeCharts(options.charts, {
  'switch-pgbouncer-gaps': dotChart(
    'Longest gap between two acknowledged transactions behind PgBouncer, each switch',
    'ms',
    series.map(({ name, switches }) => ({ name, values: switches.map(({ gapMs }) => gapMs) })),
    [{ name: 'aim: median', at: 45 }],
  ),
  'switch-pgbouncer-steps': barChart(
    'Where the time goes: medians of the switch, and each time that clients were held',
    'ms',
    series.map(barOf),
  ),
});
report(
  {
    bench: 'switch-pgbouncer',
    results: series.flatMap(resultsOf),
    samples: Object.fromEntries(series.map((one) => [one.name, one.switches])),
    units: { rate: 'tx/s', switchTimes: 'ms' },
  },
  options,
);
