import { setTimeout as delay } from 'node:timers/promises';
import {
  type Actor,
  BerthError,
  type Finding,
  type Place,
  type ReplicationStream,
  type RowIdentities,
  type StreamState,
} from '@berth/domain';
import { TenantReplication } from '@berth/ports';
import { FakeTenantData, keyOf } from './fake-tenant-data.js';

type Rows = Map<string, Map<string, string>>;

interface FakeStream {
  readonly from: Place;
  readonly tables: readonly string[];
  readonly identities: RowIdentities;
  /** Rows at `from` as they were when the last change was applied; undefined: nothing is kept. */
  known: Rows | undefined;
  followed: boolean;
  paused: boolean;
}

/** Streams between schemas in memory: what differs from the last time is carried over, when somebody waits for it. */
export class FakeTenantReplication extends TenantReplication {
  /** Log that every slot holds back. */
  retainedBytes = 0;
  /** What the other end has not confirmed of it. */
  lagBytes = 0;
  readonly #streams = new Map<string, FakeStream>();
  /** Names of tables without a key. */
  readonly keyless = new Set<string>();
  /** What `preflight` answers on top. */
  findings: readonly Finding[] = [];

  constructor(readonly data: FakeTenantData = new FakeTenantData()) {
    super();
  }

  async preflight(stream: ReplicationStream, identities: RowIdentities): Promise<readonly Finding[]> {
    const { tables } = this.data.schema(stream.from);
    const error = (code: string, table: string): Finding => {
      const object = `table ${table}`;
      return { code, severity: 'error', object, message: `${object}: ${code}.`, remedy: 'Choose full.' };
    };
    const unfit = Object.entries(identities).filter(([name, choice]) => !tables.has(name) || choice !== 'full');
    const without = [...tables.keys()].filter((name) => this.keyless.has(name) && identities[name] === undefined);
    return [
      ...this.findings,
      ...without.map((name) => error('no-identity', name)),
      ...unfit.map(([name]) => error('identity-unfit', name)),
    ];
  }

  async publish(stream: ReplicationStream, identities: RowIdentities, actor: Actor): Promise<void> {
    this.data.fenceOff(stream.from, actor);
    const tables = [...this.data.schema(stream.from).tables.keys()].sort();
    const known = this.#streams.get(stream.name);
    if (known === undefined) {
      this.#streams.set(stream.name, {
        from: stream.from,
        tables,
        identities,
        known: undefined,
        followed: false,
        paused: false,
      });
      return;
    }
    const changed = tables.filter((name) => !known.tables.includes(name));
    if (changed.length > 0)
      throw new BerthError('schema-changed', `Tables came: ${changed.join(', ')}.`, { details: { tables: changed } });
  }

  async keepChanges(
    stream: ReplicationStream,
    actor: Actor,
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<void> {
    this.data.fenceOff(stream.from, actor);
    const known = this.#published(stream);
    if (known.known !== undefined) return;
    await this.data.awaitWritersOfServer(stream.from.clusterId, timeoutMs);
    known.known = copyOfRows(this.data.schema(stream.from).tables);
  }

  async follow(stream: ReplicationStream, actor: Actor): Promise<void> {
    this.data.fenceOff(stream.from, actor);
    this.data.fenceOff(stream.to, actor);
    this.#published(stream).followed = true;
  }

  async pause(stream: ReplicationStream, actor: Actor): Promise<void> {
    this.data.fenceOff(stream.to, actor);
    const known = this.#streams.get(stream.name);
    if (known === undefined) return;
    known.paused ||= known.followed;
    known.followed = false;
  }

  async awaitApplied(
    stream: ReplicationStream,
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<{ readonly ms: number }> {
    const known = this.#published(stream);
    if (known.known === undefined) throw new BerthError('stream-lost', `Nothing is kept for ${stream.name}.`);
    if (!known.followed) {
      await delay(timeoutMs);
      throw new BerthError('stream-stalled', `Nobody follows ${stream.name}.`);
    }
    for (const table of known.tables) this.#apply(stream, known.known, table);
    return { ms: 0 };
  }

  async state({ name }: ReplicationStream): Promise<StreamState> {
    const known = this.#streams.get(name);
    const followed = known?.followed === true;
    const kept = known?.known !== undefined;
    return {
      slot: kept ? (followed ? 'active' : 'idle') : 'missing',
      retainedBytes: kept ? this.retainedBytes : null,
      lagBytes: kept ? this.lagBytes : null,
      subscription: followed ? 'enabled' : known?.paused === true ? 'disabled' : 'missing',
      applyErrors: 0,
    };
  }

  async remove(stream: ReplicationStream, actor: Actor): Promise<void> {
    this.data.fenceOff(stream.from, actor);
    this.data.fenceOff(stream.to, actor);
    this.#streams.delete(stream.name);
  }

  async leftovers(
    { name, from, to }: ReplicationStream,
    ends: 'both' | 'from' | 'to' = 'both',
  ): Promise<readonly string[]> {
    const known = this.#streams.get(name);
    const followed = known !== undefined && (known.followed || known.paused);
    return [
      ...(ends !== 'to' && known !== undefined
        ? [`The publication ${name} is still on cluster ${from.clusterId}.`]
        : []),
      ...(ends !== 'from' && followed ? [`The subscription ${name} is still on cluster ${to.clusterId}.`] : []),
    ];
  }

  /** For assertions: how a table of a place tells its rows apart. */
  identity(place: Place, table: string): 'default' | 'full' {
    const chosen = [...this.#streams.values()].some(
      ({ from, identities }) => keyOf(from) === keyOf(place) && identities[table] === 'full',
    );
    return chosen ? 'full' : 'default';
  }

  #published(stream: ReplicationStream): FakeStream {
    const known = this.#streams.get(stream.name);
    if (known === undefined) throw new BerthError('stream-lost', `Nothing of ${stream.name} is published.`);
    return known;
  }

  #apply({ from, to }: ReplicationStream, last: Rows, table: string): void {
    const now = this.data.schema(from).tables.get(table) ?? new Map<string, string>();
    const then = last.get(table) ?? new Map<string, string>();
    const there = this.data.schema(to).tables.get(table) ?? new Map<string, string>();
    for (const key of new Set([...now.keys(), ...then.keys()])) {
      const value = now.get(key);
      const before = then.get(key);
      if (value === before) continue;
      // An update of a row that is not there is passed over, and nobody hears of it.
      if (value === undefined || before === undefined || there.has(key)) set(there, key, value);
      set(then, key, value);
      // What a stream brought is no change of the place's own: no other stream sends it on.
      for (const other of this.#streams.values()) {
        const back = keyOf(other.from) === keyOf(to) ? other.known?.get(table) : undefined;
        if (back !== undefined) set(back, key, value);
      }
    }
    last.set(table, then);
  }
}

function set(rows: Map<string, string>, key: string, value: string | undefined): void {
  if (value === undefined) rows.delete(key);
  else rows.set(key, value);
}

function copyOfRows(tables: ReadonlyMap<string, ReadonlyMap<string, string>>): Rows {
  return new Map([...tables].map(([name, rows]) => [name, new Map(rows)]));
}
