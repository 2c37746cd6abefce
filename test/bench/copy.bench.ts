// The copy of an online move (definitions, rows, then indexes and keys, as its steps call them) against pg_dump and pg_restore typed by
// hand, and against pgcopydb where that is installed; between the same two servers, in turn, of a tenant with one big table.
import { streamsOf } from '@berth/domain';
import type { CopiedRows } from '@berth/ports';
import {
  ClusterConnections,
  PostgresClusterProbe,
  PostgresOnlineCopy,
  PostgresTenantComparison,
  PostgresTenantCopy,
  PostgresTenantReplication,
} from '@berth/postgres';
import { startTenantPair, type TenantPair } from '@berth/testing';
import { durable } from './bench-system.js';
import { fillTenant } from './big-tenant.js';
import { cloneByPgcopydb, copyByHand, findPgcopydb } from './by-hand.js';
import { barChart, writeCharts } from './charts.js';
import { readOptions } from './options.js';
import { report } from './report.js';
import { median, secondsOf } from './rounds.js';

// Lanes as the saga has them.
const options = readOptions({ sizeMb: 2_048, share: 0.7, rounds: 3, lanes: 4, major: 18, charts: '' });
const work = { signal: new AbortController().signal, onProgress: () => undefined };
const pgcopydb = await findPgcopydb();

interface Round {
  readonly byHand: number;
  readonly byPgcopydb: number | null;
  readonly definitions: number;
  readonly rows: number;
  readonly finish: number;
  readonly copied: CopiedRows;
}

class CopyBench {
  readonly #connections: ClusterConnections;
  readonly #replication: PostgresTenantReplication;
  readonly #copy: PostgresOnlineCopy;

  constructor(private readonly pair: TenantPair) {
    const connections = new ClusterConnections(pair.directory);
    const programsFor = (major: number): Promise<string> => pair.programsFor(major);
    this.#connections = connections;
    this.#replication = new PostgresTenantReplication(connections);
    const copy = new PostgresTenantCopy({ connections, dumpsFolder: pair.dumps, programsFor });
    this.#copy = new PostgresOnlineCopy({ connections, copy });
  }

  async prepare(): Promise<void> {
    const probe = new PostgresClusterProbe(this.#connections);
    for (const { clusterId } of [this.pair.source, this.pair.target]) {
      await probe.prepare(await this.pair.directory.access(clusterId));
    }
  }

  /** The order turns with each round, so that nobody always comes first. */
  async round(number: number): Promise<Round> {
    const { source, sourceServer, targetServer, dumps } = this.pair;
    const from = { server: sourceServer, database: source.database, schema: source.schema };
    const how = { source: from, target: targetServer, folder: dumps, dumpOptions: [] };
    const ways = [
      async () => ({ byHand: await copyByHand(how) }),
      async () => ({ byPgcopydb: pgcopydb === null ? null : await cloneByPgcopydb(pgcopydb, how) }),
      async () => this.#byBerth(),
    ];
    let found: Partial<Round> = {};
    for (let turn = 0; turn < ways.length; turn += 1) {
      // Whoever comes next starts without the last one's dirty pages.
      await Promise.all([sourceServer, targetServer].map((server) => server.psql('CHECKPOINT')));
      found = { ...found, ...(await ways[(number + turn) % ways.length]?.()) };
    }
    return found as Round;
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  async #byBerth(): Promise<Omit<Round, 'byHand' | 'byPgcopydb'>> {
    const { source, target, actor } = this.pair;
    const { forward } = streamsOf(source, target, 2);
    const bounds = { keepTimeoutMs: 20_000, lanes: options.lanes, bytesPerSecond: null };
    let copied: CopiedRows | undefined;
    try {
      const definitions = await secondsOf(() => this.#copy.copyDefinitions(forward, 'bench', actor, work));
      await this.#replication.publish(forward, {}, actor);
      const rows = await secondsOf(async () => {
        copied = await this.#copy.copyRows(forward, actor, bounds, work);
      });
      const finish = await secondsOf(() => this.#copy.finishDefinitions(forward, 'bench', actor, work));
      await this.#refuseDifference();
      if (copied === undefined) throw new Error('nothing was copied');
      return { definitions, rows, finish, copied };
    } finally {
      await this.#replication.remove(forward, actor);
      await this.#empty();
    }
  }

  async #refuseDifference(): Promise<void> {
    const { source, target } = this.pair;
    const found = await new PostgresTenantComparison(this.#connections).compare(source, target, work);
    // Sequences come with the switch.
    const rows = found.tables.filter(({ equal }) => !equal);
    if (rows.length > 0) throw new Error(`the copy differs: ${JSON.stringify(rows)}`);
  }

  async #empty(): Promise<void> {
    const { schema, database, ownerRole } = this.pair.target;
    const sql = `DO $$ DECLARE t text; BEGIN FOR t IN SELECT format('%I.%I', nspname, relname) FROM pg_class c
      JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = '${schema}' AND relkind = 'r'
      LOOP EXECUTE 'DROP TABLE ' || t || ' CASCADE'; END LOOP; END $$`;
    await this.pair.targetServer.psql(`SET ROLE ${ownerRole}; ${sql}`, database);
  }
}

const { major } = options;
const settings = { ...durable, shared_buffers: '128MB', max_wal_size: '2GB' };
const server = { major, replication: true, settings };
const pair = await startTenantPair({ source: server, target: server, berthSchema: [] });
const bench = new CopyBench(pair);
const rounds: Round[] = [];
let bytes: number;
try {
  await bench.prepare();
  bytes = await fillTenant(pair.sourceServer, pair.source, options.sizeMb, options.share);
  for (let number = 0; number < options.rounds; number += 1) rounds.push(await bench.round(number));
} finally {
  await bench.close();
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
    ...{ ...times, aim: null },
  },
];
const bars = [
  { name: 'by hand, -j2', parts: [{ name: 'all', value: of(({ byHand }) => byHand) }] },
  ...(pgcopydb === null
    ? []
    : [{ name: 'pgcopydb clone', parts: [{ name: 'all', value: besidePgcopydb[0]?.value ?? 0 }] }]),
  { name: 'copy', parts: parts.map((name) => ({ name, value: of((round) => round[name]) })) },
];
const charts = await writeCharts(options.charts, { copy: barChart('The copy, medians', 's', bars) });
console.log(`charts: ${charts.join(', ')}`);
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
  },
  options,
);
