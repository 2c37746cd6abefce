// The copy of an online move (definitions, rows, then indexes and keys, as its steps call them) against pg_dump and pg_restore typed by
// hand, and against pgcopydb where that is installed; between the same two servers, in turn, of a tenant with one big table.
import { startTenantPair, type TenantPair } from '@berth/testing';
import { durable } from './bench-system.js';
import { fillTenant } from './big-tenant.js';
import { cloneByPgcopydb, copyByHand, findPgcopydb } from './by-hand.js';
import { type Bar, barChart, writeCharts } from './charts.js';
import { readOptions } from './options.js';
import { type CopyRun, RepeatedCopy } from './repeated-copy.js';
import { report } from './report.js';
import { median } from './rounds.js';

// Lanes as the saga has them.
const options = readOptions({ sizeMb: 2_048, share: 0.7, rounds: 3, lanes: 4, major: 18 });
const pgcopydb = await findPgcopydb();

interface Round extends CopyRun {
  readonly byHand: number;
  readonly byPgcopydb: number | null;
}

class CopyBench {
  constructor(
    private readonly pair: TenantPair,
    private readonly copy: RepeatedCopy,
  ) {}

  /** The order turns with each round, so that nobody always comes first. */
  async round(number: number): Promise<Round> {
    const { source, sourceServer, targetServer, dumps } = this.pair;
    const from = { server: sourceServer, database: source.database, schema: source.schema };
    const how = { source: from, target: targetServer, folder: dumps, dumpOptions: [] };
    const ways = [
      async () => ({ byHand: await copyByHand(how) }),
      async () => ({ byPgcopydb: pgcopydb === null ? null : await cloneByPgcopydb(pgcopydb, how) }),
      () => this.copy.run({ lanes: options.lanes, bytesPerSecond: null, yields: false }),
    ];
    let found: Partial<Round> = {};
    for (let turn = 0; turn < ways.length; turn += 1) {
      // Whoever comes next starts without the last one's dirty pages.
      await Promise.all([sourceServer, targetServer].map((server) => server.psql('CHECKPOINT')));
      found = { ...found, ...(await ways[(number + turn) % ways.length]?.()) };
    }
    return found as Round;
  }
}

const { major } = options;
const settings = { ...durable, shared_buffers: '128MB', max_wal_size: '2GB' };
const server = { major, replication: true, settings };
const pair = await startTenantPair({ source: server, target: server, berthSchema: [] });
const copy = new RepeatedCopy(pair);
const bench = new CopyBench(pair, copy);
const rounds: Round[] = [];
let bytes: number;
try {
  await copy.prepare();
  bytes = await fillTenant(pair.sourceServer, pair.source, options.sizeMb, options.share);
  for (let number = 0; number < options.rounds; number += 1) rounds.push(await bench.round(number));
} finally {
  await copy.close();
  await pair.close();
}

const whole = ({ definitions, rows, finish }: Round): number => definitions + rows + finish;
const of = (figure: (round: Round) => number): number => median(rounds.map(figure));
const seconds = { unit: 's', aim: null, better: 'lower' } as const;
const times = { unit: 'x as fast', better: 'higher' } as const;
const parts = ['definitions', 'rows', 'finish'] as const;
const besidePgcopydb = [
  { name: 'pgcopydb clone', value: of(({ byPgcopydb }) => byPgcopydb ?? Number.NaN), ...seconds },
  {
    ...{ name: 'copy against pgcopydb', value: of((round) => (round.byPgcopydb ?? Number.NaN) / whole(round)) },
    ...{ ...times, aim: 1 },
  },
];
const inOne = (name: string, points: readonly number[]): Bar => ({
  ...{ name, points },
  parts: [{ name: 'all', value: median(points) }],
});
const ofPgcopydb = rounds.flatMap(({ byPgcopydb }) => byPgcopydb ?? []);
const bars: readonly Bar[] = [
  inOne(
    'by hand, -j2',
    rounds.map(({ byHand }) => byHand),
  ),
  ...(pgcopydb === null ? [] : [inOne('pgcopydb clone', ofPgcopydb)]),
  {
    ...{ name: 'copy', points: rounds.map(whole) },
    parts: parts.map((name) => ({ name, value: of((round) => round[name]) })),
  },
];
await writeCharts(options.charts, { copy: barChart('The copy: medians, and each round', 's', bars) });
if (pgcopydb === null) console.log('pgcopydb is not on the PATH: not compared with it.');
report(
  {
    bench: 'copy',
    results: [
      { name: 'size of the tables', value: bytes / 1e9, unit: 'GB', aim: null, better: 'higher' },
      { name: 'pg_dump and pg_restore by hand, -j2', value: of(({ byHand }) => byHand), ...seconds },
      { name: 'copy', value: of(whole), ...seconds },
      ...parts.map((name) => ({ name: `copy: ${name}`, value: of((round) => round[name]), ...seconds })),
      { name: 'copy against by hand', value: of((round) => round.byHand / whole(round)), ...times, aim: 1.3 },
      ...(pgcopydb === null ? [] : besidePgcopydb),
    ],
    samples: { rounds },
    units: { rounds: 's' },
  },
  options,
);
