import { type Actor, BerthError, type Place, type ReplicationStream } from '@berth/domain';
import {
  type CopiedRows,
  type LiveComparison,
  type LongWork,
  OnlineCopy,
  type OnlineCopyOptions,
  type RefreshedViews,
} from '@berth/ports';
import { compareSchemas } from './fake-tenant-comparison.js';
import { FakeTenantReplication } from './fake-tenant-replication.js';

/** What comes after the rows. */
const late = /^(index|constraint|trigger|policy) /;

/** Copies schemas in memory, at the moment from which the stream keeps changes. */
export class FakeOnlineCopy extends OnlineCopy {
  readonly #definitions = new Map<string, ReadonlyMap<string, string>>();
  readonly #copied = new Map<string, CopiedRows>();

  constructor(readonly replication: FakeTenantReplication = new FakeTenantReplication()) {
    super();
  }

  async copyDefinitions({ from, to }: ReplicationStream, name: string, actor: Actor, work: LongWork): Promise<void> {
    throwIfCancelled(work);
    this.#data.fenceOff(to, actor);
    const [source, target] = [this.#data.schema(from), this.#data.schema(to)];
    this.#definitions.set(name, new Map(source.definitions));
    for (const part of [target.tables, target.definitions, target.sequences]) part.clear();
    for (const table of source.tables.keys()) target.tables.set(table, new Map());
    for (const [object, look] of source.definitions) if (!late.test(object)) target.definitions.set(object, look);
    for (const sequence of source.sequences.keys()) target.sequences.set(sequence, 0);
  }

  async copyRows(
    stream: ReplicationStream,
    actor: Actor,
    { keepTimeoutMs }: OnlineCopyOptions,
    work: LongWork,
  ): Promise<CopiedRows> {
    throwIfCancelled(work);
    const state = await this.replication.state(stream);
    const known = this.#copied.get(stream.name);
    if (known !== undefined && state.slot !== 'missing') return known;
    await this.replication.keepChanges(stream, actor, { timeoutMs: keepTimeoutMs });
    this.#data.fenceOff(stream.to, actor);
    const { tables } = this.#data.schema(stream.from);
    let rows = 0;
    for (const [table, there] of tables) {
      this.#data.schema(stream.to).tables.set(table, new Map(there));
      rows += there.size;
      work.onProgress({ text: `copying ${table}`, done: rows, total: null, unit: 'rows' });
    }
    const copied = { tables: tables.size, parts: tables.size, rows, bytes: rows, again: 0, kept: 0, ms: 0 };
    this.#copied.set(stream.name, copied);
    return copied;
  }

  async finishDefinitions({ to }: ReplicationStream, name: string, actor: Actor, work: LongWork): Promise<void> {
    throwIfCancelled(work);
    this.#data.fenceOff(to, actor);
    const target = this.#data.schema(to);
    const definitions = this.#definitions.get(name);
    if (definitions === undefined) throw new BerthError('copy-failed', `There is no complete dump ${name}.`);
    for (const [object, look] of definitions) target.definitions.set(object, look);
  }

  async joinTables(_stream: ReplicationStream, _name: string, _actor: Actor, work: LongWork): Promise<boolean> {
    throwIfCancelled(work);
    return false;
  }

  async refreshViews(place: Place, actor: Actor, work: LongWork): Promise<RefreshedViews> {
    throwIfCancelled(work);
    this.#data.fenceOff(place, actor);
    return { refreshed: [], stale: [] };
  }

  async compareLive(
    stream: ReplicationStream,
    { lockTimeoutMs }: { readonly lockTimeoutMs: number; readonly lanes: number },
    work: LongWork,
  ): Promise<LiveComparison> {
    throwIfCancelled(work);
    await this.#data.awaitWriters(stream.from, lockTimeoutMs);
    await this.replication.awaitApplied(stream, { timeoutMs: 50 });
    const all = compareSchemas(this.#data.schema(stream.from), this.#data.schema(stream.to));
    const differences = all.differences.filter(({ kind }) => kind !== 'sequence-position');
    const report = { ...all, differences, differenceCount: differences.length, equal: differences.length === 0 };
    return { report, heldMs: 0, stamp: this.#data.stampOfBoth(stream) };
  }

  get #data() {
    return this.replication.data;
  }
}

function throwIfCancelled({ signal }: LongWork): void {
  if (signal.aborted) throw new BerthError('cancelled', 'The copy was stopped.');
}
