import { type Actor, BerthError, type Place, type ReplicationStream } from '@berth/domain';

interface TableFence {
  readonly generation: number;
  enabled: boolean;
}

export interface FakeGate {
  readonly generation: number;
  readonly open: boolean;
}

export interface FakeSchema {
  /** Rows by their key, each a text. */
  readonly tables: Map<string, Map<string, string>>;
  /** Everything else that is defined, as `index item.item_name` and what it looks like. */
  readonly definitions: Map<string, string>;
  readonly sequences: Map<string, number>;
  readonly fences: Map<string, TableFence>;
  mayCreate: boolean;
  /** How often a table was written anew, by TRUNCATE for one. */
  rewrites?: number;
}

/** As a driver throws it. */
export class FakeSqlError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly detail?: string,
  ) {
    super(message);
  }
}

/** What tenants' schemas hold, on any number of clusters: what the fakes of fence, copy and comparison share. */
export class FakeTenantData {
  /** Gates of places that a tenant is on its way to. */
  readonly gates = new Map<string, FakeGate>();
  readonly #schemas = new Map<string, FakeSchema>();
  readonly #leases = new Map<string, number>();
  readonly #writers = new Map<string, { readonly place: Place; readonly open: Set<Promise<void>> }>();

  /** An empty schema, as provisioning leaves it. */
  create(place: Place): void {
    this.#schemas.set(keyOf(place), emptySchema());
  }

  /** Changes with every change of a definition and every rewrite of a table. */
  stamp(place: Place): string {
    const { definitions, tables, rewrites } = this.schema(place);
    return JSON.stringify([[...definitions].sort(), [...tables.keys()].sort(), rewrites ?? 0]);
  }

  stampOfBoth({ from, to }: Pick<ReplicationStream, 'from' | 'to'>): string {
    return `${this.stamp(from)}.${this.stamp(to)}`;
  }

  drop(place: Place): void {
    this.#schemas.delete(keyOf(place));
  }

  find(place: Place): FakeSchema | undefined {
    return this.#schemas.get(keyOf(place));
  }

  schema(place: Place): FakeSchema {
    const schema = this.find(place);
    if (schema === undefined)
      throw new BerthError('database-error', `There is no schema ${place.schema} in cluster ${place.clusterId}.`);
    return schema;
  }

  createTable(place: Place, table: string): void {
    const schema = this.schema(place);
    if (!schema.mayCreate) throw new FakeSqlError('42501', `permission denied for schema ${place.schema}`);
    schema.tables.set(table, new Map());
    schema.definitions.set(`table ${table}`, 'table');
  }

  /** Sets a row, or deletes it (`null`), as the tenant does. */
  write(place: Place, table: string, key: string, value: string | null): void {
    const { tables, fences } = this.schema(place);
    const gate = this.gates.get(keyOf(place));
    if (gate?.open === false) throw new FakeSqlError('25006', 'tenant moved', `generation ${String(gate.generation)}`);
    const fence = fences.get(table);
    if (fence?.enabled === true)
      throw new FakeSqlError('25006', 'tenant moved', `generation ${String(fence.generation)}`);
    const rows = tables.get(table);
    if (rows === undefined) throw new FakeSqlError('42P01', `relation "${table}" does not exist`);
    if (value === null) rows.delete(key);
    else rows.set(key, value);
  }

  /** A transaction that has written and is open: the lock of a fence waits for it. Returns its commit. */
  openWrite(place: Place): () => void {
    let commit = (): void => undefined;
    const open = new Promise<void>((resolve) => (commit = resolve));
    const writers = this.#writersOf(place);
    writers.add(open);
    return () => {
      writers.delete(open);
      commit();
    };
  }

  async awaitWriters(place: Place, timeoutMs: number): Promise<void> {
    if (await endInTime(this.#writersOf(place), timeoutMs)) return;
    throw new BerthError('lock-timeout', 'A transaction that wrote is still open.');
  }

  /** Those of all tenants of a server: a slot waits for them. */
  async awaitWritersOfServer(clusterId: string, timeoutMs: number): Promise<void> {
    const writing = [...this.#writers.values()].filter(
      ({ place, open }) => place.clusterId === clusterId && open.size > 0,
    );
    const all = new Set(writing.flatMap(({ open }) => [...open]));
    if (await endInTime(all, timeoutMs)) return;
    const whose = writing.map(({ place }) => place.loginRoles.a).join(' and ');
    throw new BerthError('lock-timeout', `It waited for the open transaction of ${whose} and was given up.`);
  }

  /** Refuses an actor whose lease was taken over, as every adapter does at the start of a change. */
  fenceOff(place: Place, actor: Actor): void {
    const key = `${place.clusterId} ${actor.tenantId}`;
    if ((this.#leases.get(key) ?? 0) > actor.fence)
      throw new BerthError('lease-lost', `A newer worker acts on tenant ${actor.tenantId}.`);
    this.#leases.set(key, actor.fence);
  }

  #writersOf(place: Place): Set<Promise<void>> {
    const known = this.#writers.get(keyOf(place)) ?? { place, open: new Set<Promise<void>>() };
    this.#writers.set(keyOf(place), known);
    return known.open;
  }
}

async function endInTime(writers: ReadonlySet<Promise<void>>, timeoutMs: number): Promise<boolean> {
  if (writers.size === 0) return true;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), timeoutMs)));
  const inTime = await Promise.race([Promise.all(writers).then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

export function emptySchema(): FakeSchema {
  return { tables: new Map(), definitions: new Map(), sequences: new Map(), fences: new Map(), mayCreate: true };
}

/** Rows, definitions and sequences without the fence, as a dump holds them. */
export function copyOf(schema: FakeSchema): FakeSchema {
  return {
    ...emptySchema(),
    tables: new Map([...schema.tables].map(([name, rows]) => [name, new Map(rows)])),
    definitions: new Map(schema.definitions),
    sequences: new Map(schema.sequences),
  };
}

/** A schema, among all of them. */
export function keyOf({ clusterId, database, schema }: Place): string {
  return [clusterId, database, schema].join('/');
}
