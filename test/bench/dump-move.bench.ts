// The copy of a move by dump (dump and restore, as its steps call them) against pg_dump and pg_restore typed by hand between
// the same two servers; then how fast the verification compares every row.
//
// A gigabyte is counted as the smaller of two honest measures: the bytes of the tables on disk (TOAST included, indexes left
// out), and the bytes of text that were hashed. Either is counted once, though both sides are read.
import { availableParallelism } from 'node:os';
import type { Place } from '@berth/domain';
import {
  ClusterConnections,
  PostgresClusterProbe,
  PostgresTenantComparison,
  PostgresTenantCopy,
} from '@berth/postgres';
import { startTenantPair, type TenantPair } from '@berth/testing';
import { durable } from './bench-system.js';
import { fillTenant } from './big-tenant.js';
import { copyByHand } from './by-hand.js';
import { readOptions } from './options.js';
import { report } from './report.js';
import { median, secondsOf } from './rounds.js';

const options = readOptions({ sizeMb: 1_024, rounds: 3 });
const work = { signal: new AbortController().signal, onProgress: () => undefined };

interface Round {
  readonly byHand: number;
  readonly byHandUncompressed: number;
  readonly dump: number;
  readonly restore: number;
  readonly verify: number;
  readonly hashedBytes: number;
}

class DumpMoveBench {
  readonly #connections: ClusterConnections;
  readonly #copy: PostgresTenantCopy;
  readonly #comparison: PostgresTenantComparison;

  constructor(private readonly pair: TenantPair) {
    this.#connections = new ClusterConnections(pair.directory);
    const programsFor = (major: number) => pair.programsFor(major);
    this.#copy = new PostgresTenantCopy({ connections: this.#connections, dumpsFolder: pair.dumps, programsFor });
    this.#comparison = new PostgresTenantComparison(this.#connections);
  }

  async prepare(): Promise<void> {
    const probe = new PostgresClusterProbe(this.#connections);
    for (const { clusterId } of [this.pair.source, this.pair.target]) {
      await probe.prepare(await this.pair.directory.access(clusterId));
    }
  }

  /** The order turns with each round, so that nobody always comes first. */
  async round(number: number): Promise<Round> {
    const hand = async () => ({ byHand: await this.#byHand([]) });
    const plain = async () => ({ byHandUncompressed: await this.#byHand(['-Z0']) });
    const berth = async () => this.#byBerth();
    const order = [hand, plain, berth];
    const turned = [...order.slice(number % 3), ...order.slice(0, number % 3)];
    let found: Partial<Round> = {};
    for (const measure of turned) {
      await this.#settle();
      found = { ...found, ...(await measure()) };
    }
    return found as Round;
  }

  close(): Promise<void> {
    return this.#connections.close();
  }

  #byHand(dumpOptions: readonly string[]): Promise<number> {
    const { source, sourceServer, targetServer, dumps } = this.pair;
    const from = { server: sourceServer, database: source.database, schema: source.schema };
    return copyByHand({ source: from, target: targetServer, folder: dumps, dumpOptions });
  }

  async #byBerth(): Promise<Pick<Round, 'dump' | 'restore' | 'verify' | 'hashedBytes'>> {
    const { source, target, actor } = this.pair;
    const dump = await secondsOf(() => this.#copy.dump(source, 'bench', work));
    const restore = await secondsOf(() => this.#copy.restore('bench', target, actor, work));
    await this.#copy.discard('bench');
    let hashedBytes = 0;
    const verify = await secondsOf(async () => {
      const found = await this.#comparison.compare(source, target, work);
      if (!found.equal) throw new Error(`the copy differs: ${JSON.stringify(found.differences.slice(0, 3))}`);
      hashedBytes = found.bytes;
    });
    await this.#empty(target);
    return { dump, restore, verify, hashedBytes };
  }

  /** Whoever comes next starts without the last one's dirty pages. */
  async #settle(): Promise<void> {
    await Promise.all([this.pair.sourceServer, this.pair.targetServer].map((server) => server.psql('CHECKPOINT')));
  }

  async #empty({ schema, database, ownerRole }: Place): Promise<void> {
    const sql = `DO $$ DECLARE t text; BEGIN FOR t IN SELECT format('%I.%I', nspname, relname) FROM pg_class c
      JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = '${schema}' AND relkind = 'r'
      LOOP EXECUTE 'DROP TABLE ' || t || ' CASCADE'; END LOOP; END $$`;
    await this.pair.targetServer.psql(`SET ROLE ${ownerRole}; ${sql}`, database);
  }
}

const settings = { ...durable, shared_buffers: '64MB', max_wal_size: '1GB' };
const pair = await startTenantPair({ source: { settings }, target: { settings }, berthSchema: [] });
const bench = new DumpMoveBench(pair);
const rounds: Round[] = [];
let bytes = 0;
try {
  await bench.prepare();
  bytes = await fillTenant(pair.sourceServer, pair.source, options.sizeMb);
  for (let number = 0; number < options.rounds; number += 1) rounds.push(await bench.round(number));
} finally {
  await bench.close();
  await pair.close();
}

const cores = availableParallelism();
const of = (figure: (round: Round) => number) => median(rounds.map(figure));
const ratio = { unit: 'x by hand', better: 'higher' } as const;
const seconds = { unit: 's', aim: null, better: 'lower' } as const;
const counted = (hashed: number) => Math.min(bytes, hashed) / 1e9;
report(
  {
    bench: 'dump-move',
    results: [
      { name: 'size of the tables', value: bytes / 1e9, unit: 'GB', aim: null, better: 'higher' },
      { name: 'pg_dump and pg_restore by hand', value: of(({ byHand }) => byHand), ...seconds },
      { name: 'by hand, without compression', value: of((round) => round.byHandUncompressed), ...seconds },
      { name: 'copy', value: of(({ dump, restore }) => dump + restore), ...seconds },
      { name: 'copy against by hand', value: of((r) => r.byHand / (r.dump + r.restore)), aim: 0.95, ...ratio },
      {
        name: 'copy against by hand, without compression',
        value: of((r) => r.byHandUncompressed / (r.dump + r.restore)),
        aim: null,
        ...ratio,
      },
      {
        name: 'verification',
        value: of(({ verify, hashedBytes }) => counted(hashedBytes) / (verify / 60) / cores),
        unit: 'GB/min/core',
        aim: 1,
        better: 'higher',
      },
    ],
    samples: { rounds },
    units: { rounds: 's' },
  },
  options,
);
