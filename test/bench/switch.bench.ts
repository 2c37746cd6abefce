// The switch as a tenant's writers feel it: the longest gap between two acknowledged commits, with 16 writers through the client
// library at a rate and noisy neighbours on both servers. There and back again, both streams standing, on each PostgreSQL, with few tables and with many.
//
// It drives the switch alone, by the adapters that the saga calls and with the saga's bounds: no catalog, no secret store, no queue and no
// worker. Writers are told the new secret by a message to their process at the moment at which the gate has opened. So the
// gap is the switch's own, one switch follows the other within seconds, and it does not depend on how a secret store is reached. What a whole
// operation adds is measured by `switch-pgbouncer`.
import { setTimeout as pause } from 'node:timers/promises';
import type { SwitchReport } from '@berth/ports';
import { postgresMajors } from '@berth/testing';
import pg from 'pg';
import { type Bar, barChart, dotChart, writeCharts } from './charts.js';
import { readOptions } from './options.js';
import { report, type Result } from './report.js';
import { median } from './rounds.js';
import { neighboursOf } from './neighbours.js';
import { type Standing, StandingStreams } from './standing-streams.js';
import { type LoadAnswer, SwitchLoad } from './switch-load.js';
import { switchedTables } from './switched-tables.js';

const options = readOptions({
  // So many there, and as many back.
  ...{ switches: 20, writers: 16, rate: 2_400, neighbours: 4, windowMs: 1_000 },
  ...{ majors: '16,18', tables: '2,138' },
  // 0: clients hear of the new place by their secret alone.
  announced: 1,
});
const numbers = (list: string): readonly number[] => list.split(',').map(Number);

/** In the order of the switch. What the lock waits for is in no writer's way, and neither is what comes before it. */
const phases = ['arm', 'marker', 'sequences', 'pivot', 'open'] as const;

interface Switched extends Pick<SwitchReport, 'writePauseMs' | 'attempts' | 'times'> {
  readonly direction: 'there' | 'back';
  readonly gapMs: number;
  /** Of it: from the new secret to the first commit by it. */
  readonly thereMs: number;
  /** The longest gap of as long a time right before, when nothing was switched. */
  readonly quietMs: number;
  /** Commits a second of that time. */
  readonly rate: number;
}

interface Series {
  readonly name: string;
  readonly switches: readonly Switched[];
  readonly commits: number;
  readonly repeats: number;
  readonly errors: readonly string[];
  readonly lost: number;
  readonly doubled: number;
}

async function switchOnce(standing: StandingStreams, load: SwitchLoad): Promise<Omit<Switched, 'direction'>> {
  await load.tell();
  await pause(options.windowMs);
  const quiet = await load.tell();
  if (options.announced !== 0) await load.announce(standing.secret, standing.nextSecret);
  await pause(options.windowMs / 2);
  const { writePauseMs, attempts, times } = await standing.switchOver((secret) => load.moved(secret));
  await pause(options.windowMs / 2);
  const { longestMs, thereMs } = await load.tell();
  if (thereMs === null) throw new Error('nobody wrote at the new place');
  return { gapMs: longestMs, thereMs, quietMs: quiet.longestMs, rate: quiet.rate, writePauseMs, attempts, times };
}

async function measure(major: number, tables: number): Promise<Series> {
  const name = `PostgreSQL ${major}, ${tables} tables`;
  const standing = await StandingStreams.start(major, (pair) =>
    pair.run(pair.source, switchedTables(tables, 'n int NOT NULL, at timestamptz DEFAULT now()')),
  );
  let load: SwitchLoad | undefined;
  try {
    const { writers, rate } = options;
    load = SwitchLoad.start(standing.secret, {
      writers,
      rate,
      neighbours: await neighboursOf(standing, options.neighbours),
    });
    await pause(2 * options.windowMs);
    const switches: Switched[] = [];
    for (let number = 0; number < 2 * options.switches; number += 1) {
      const direction = number % 2 === 0 ? 'there' : 'back';
      const switched = { direction, ...(await switchOnce(standing, load)) } as const;
      const which = `switch ${String(Math.floor(number / 2) + 1)} ${switched.direction}`;
      console.error(`${name}, ${which}: gap ${switched.gapMs.toFixed(1)} ms`);
      switches.push(switched);
      await standing.turn();
    }
    const end = await load.stop();
    await standing.awaitBoth();
    return {
      name,
      switches,
      commits: end.count,
      repeats: end.repeats,
      errors: end.errors,
      ...(await check(standing, end)),
    };
  } finally {
    load?.kill();
    await standing.close();
  }
}

/** Every acknowledged row has to be there once, at both ends. */
async function check(
  { now, other }: StandingStreams,
  { acknowledged }: LoadAnswer,
): Promise<{ readonly lost: number; readonly doubled: number }> {
  let [lost, doubled] = [0, 0];
  for (const side of [now, other]) {
    const rows = await rowsAt(side);
    const there = new Set(rows);
    lost += acknowledged.filter((n) => !there.has(n)).length;
    doubled += rows.length - there.size;
  }
  return { lost, doubled };
}

async function rowsAt({ server, place }: Standing): Promise<readonly number[]> {
  const client = new pg.Client({ connectionString: server.superuserUrl(place.database) });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: number }>(`SELECT n FROM ${place.schema}.written`);
    return rows.map(({ n }) => n);
  } finally {
    await client.end();
  }
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((one, other) => one - other)[Math.ceil(values.length * share) - 1] ?? Number.NaN;

function resultsOf({ name, switches, errors, lost, doubled }: Series): readonly Result[] {
  const of = (figure: (one: Switched) => number): number => median(switches.map(figure));
  const ms = { unit: 'ms', better: 'lower' } as const;
  const count = { unit: '', aim: 0, better: 'lower' } as const;
  const gaps = switches.map(({ gapMs }) => gapMs);
  return [
    { name: `${name}: commits reached`, value: of(({ rate }) => rate), unit: 'tx/s', aim: 2_000, better: 'higher' },
    { name: `${name}: gap, median`, value: median(gaps), aim: 20, ...ms },
    { name: `${name}: gap, p99`, value: percentile(gaps, 0.99), aim: 42, ...ms },
    { name: `${name}: gap without a switch`, value: of(({ quietMs }) => quietMs), aim: null, ...ms },
    { name: `${name}: secret to first commit`, value: of(({ thereMs }) => thereMs), aim: null, ...ms },
    { name: `${name}: lock held`, value: of(({ writePauseMs }) => writePauseMs), aim: null, ...ms },
    ...(['prepare', 'lock', ...phases] as const).map((phase) => ({
      ...{ name: `${name}: ${phase}`, value: of(({ times }) => times[phase]), aim: null },
      ...ms,
    })),
    {
      name: `${name}: attempts, most`,
      value: Math.max(...switches.map(({ attempts }) => attempts)),
      unit: '',
      aim: null,
      better: 'lower',
    },
    { name: `${name}: errors`, value: errors.length, ...count },
    { name: `${name}: lost`, value: lost, ...count },
    { name: `${name}: doubled`, value: doubled, ...count },
  ];
}

/** The second step's parts run at once: what counts is how long all of them took. */
function barOf({ name, switches }: Series): Bar {
  const of = (figure: (one: Switched) => number): number => median(switches.map(figure));
  const later = ({ times }: Switched): number => times.sequences + times.pivot + times.open;
  const values = {
    'marker, arm': of((one) => one.writePauseMs - later(one)),
    sequences: of(({ times }) => times.sequences),
    pivot: of(({ times }) => times.pivot),
    open: of(({ times }) => times.open),
    client: of(({ thereMs }) => thereMs),
  };
  return { name, parts: Object.entries(values).map(([part, value]) => ({ name: part, value })) };
}

const available = (await postgresMajors()).map(({ major }) => major);
const asked = numbers(options.majors);
for (const major of asked.filter((one) => !available.includes(one)))
  console.log(`PostgreSQL ${major} is not here: BERTH_TEST_PG_BINS names bin folders. Left out.`);
const series: Series[] = [];
for (const major of asked.filter((one) => available.includes(one)))
  for (const tables of numbers(options.tables)) series.push(await measure(major, tables));

if (series.length === 0) throw new Error('none of the PostgreSQL versions that were asked for is here');
for (const { name, errors, commits, repeats } of series) {
  console.log(
    `${name}: ${options.switches} switches there and ${options.switches} back, ${commits} commits, ${repeats} repeats${errors.length > 0 ? `, ${errors.slice(0, 3).join('; ')}` : ''}`,
  );
}
await writeCharts(options.charts, {
  'switch-gaps': dotChart(
    'Longest gap between two acknowledged commits, each switch',
    'ms',
    series.map(({ name, switches }) => ({ name, values: switches.map(({ gapMs }) => gapMs) })),
    [
      { name: 'aim: median', at: 20 },
      { name: 'aim: p99', at: 42 },
    ],
  ),
  'switch-steps': barChart('Where the time goes, medians', 'ms', series.map(barOf)),
});
report(
  {
    bench: 'switch',
    results: series.flatMap(resultsOf),
    samples: Object.fromEntries(series.map((one) => [one.name, one.switches])),
    units: { rate: 'tx/s', times: 'ms' },
  },
  options,
);
