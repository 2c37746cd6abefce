import { createHash } from 'node:crypto';
import { type Actor, BerthError, type ComparisonReport, type Finding, type Place } from '@berth/domain';
import { type CopyPace, type Dump, type LongWork, TenantCopy } from '@berth/ports';
import { compareSchemas } from './fake-tenant-comparison.js';
import { copyOf, type FakeSchema, FakeTenantData } from './fake-tenant-data.js';

interface FakeDump {
  readonly from: Place;
  readonly contents: FakeSchema;
}

/** Dumps and restores schemas in memory. */
export class FakeTenantCopy extends TenantCopy {
  readonly #dumps = new Map<string, FakeDump>();
  /** What `preflight` answers on top of the size, for all places. */
  findings: readonly Finding[] = [];
  /** While set, `dump` and `restore` fail with it after half of their work. */
  failure: BerthError | undefined;
  /** While set, `preflight` fails with it, as when the cluster is down. */
  unavailable: BerthError | undefined;
  /** Set by `analyze`: places whose statistics are fresh. */
  readonly analysed: Place[] = [];

  constructor(readonly data: FakeTenantData = new FakeTenantData()) {
    super();
  }

  async preflight(
    source: Place,
    _target: { readonly clusterId: string; readonly database: string } | null,
    pace?: CopyPace,
  ): Promise<readonly Finding[]> {
    if (this.unavailable !== undefined) throw this.unavailable;
    const { tables } = this.data.schema(source);
    const message = `${String(tables.size)} tables.${pace === undefined ? '' : ' The rows alone take 1 s.'}`;
    return [
      ...this.findings,
      { code: 'estimated-size', severity: 'info', object: `schema ${source.schema}`, message, remedy: null },
    ];
  }

  async dump(source: Place, name: string, work: LongWork): Promise<Dump> {
    const schema = this.data.schema(source);
    this.#dumps.delete(name);
    this.#go(work, 'dumping');
    this.#dumps.set(name, { from: source, contents: copyOf(schema) });
    const text = JSON.stringify([...schema.tables].map(([table, rows]) => [table, ...rows]));
    const sha256 = createHash('sha256').update(text).digest('hex');
    return { folder: `memory:${name}`, bytes: text.length, sha256, ms: 0 };
  }

  async restore(name: string, target: Place, actor: Actor, work: LongWork): Promise<void> {
    const { from, contents } = this.#dump(name);
    if (from.clusterId === target.clusterId && from.database === target.database) {
      throw new BerthError('copy-failed', `The dump ${name} comes from this very place.`);
    }
    this.data.fenceOff(target, actor);
    const schema = this.data.schema(target);
    clear(schema);
    const copy = copyOf(contents);
    for (const [table] of copy.tables) schema.tables.set(table, new Map());
    this.#go(work, 'restoring');
    fill(schema, copy);
  }

  async analyze(place: Place, work: LongWork): Promise<void> {
    this.data.schema(place);
    this.#go(work, 'analysing');
    this.analysed.push(place);
  }

  async rehearse(name: string, source: Place, work: LongWork): Promise<ComparisonReport> {
    const { contents } = this.#dump(name);
    this.#go(work, 'restoring');
    return compareSchemas(this.data.schema(source), contents);
  }

  async sequencePositions(place: Place): Promise<Readonly<Record<string, string>>> {
    return Object.fromEntries([...this.data.schema(place).sequences].map(([name, value]) => [name, String(value)]));
  }

  async carrySequences(source: Place, target: Place, actor: Actor): Promise<readonly string[]> {
    this.data.fenceOff(target, actor);
    const here = this.data.schema(target).sequences;
    const behind = [...this.data.schema(source).sequences].filter(([name, value]) => (here.get(name) ?? value) < value);
    for (const [name, value] of behind) here.set(name, value);
    return behind.map(([name]) => name);
  }

  /** Names of the complete dumps that are there, for assertions. */
  dumps(): readonly string[] {
    return [...this.#dumps.keys()];
  }

  async discard(name: string): Promise<void> {
    this.#dumps.delete(name);
  }

  #dump(name: string): FakeDump {
    const dump = this.#dumps.get(name);
    if (dump === undefined) throw new BerthError('copy-failed', `There is no complete dump ${name}.`);
    return dump;
  }

  #go(work: LongWork, text: string): void {
    if (work.signal.aborted) throw new BerthError('cancelled', `${text} was stopped.`);
    if (this.failure !== undefined) throw this.failure;
    work.onProgress({ text, done: 1, total: 1, unit: 'bytes' });
  }
}

function clear({ tables, definitions, sequences, fences }: FakeSchema): void {
  for (const part of [tables, definitions, sequences, fences]) part.clear();
}

function fill(schema: FakeSchema, copy: FakeSchema): void {
  for (const [table, rows] of copy.tables) schema.tables.set(table, rows);
  for (const [name, look] of copy.definitions) schema.definitions.set(name, look);
  for (const [name, value] of copy.sequences) schema.sequences.set(name, value);
}
