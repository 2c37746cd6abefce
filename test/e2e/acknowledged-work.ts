import { createTenants, type TenantClient, type TenantEvent, type Tenants } from '@berth/client';
import { type Place, type ReplicationStream, secretRefs, type TenantId } from '@berth/domain';
import type { World } from '../crash/world.js';
import { eventually } from './worker-world.js';

/** As many as the plan of a small tenant allows. */
export const writers = 4;

/** The client library of a product, which learns of new places by the tenant's secret alone. */
export function clientsOf({ tools }: World, onEvent: (event: TenantEvent) => void = () => undefined): Tenants {
  const read = async (tenantId: string) =>
    (await tools.secrets.read(secretRefs.tenantDb(tenantId as TenantId)))?.document ?? null;
  return createTenants({ placement: { read }, pollMs: 200, onEvent });
}

/** One transaction of a writer: makes the row of this name, and answers with the number that the database gave it. */
export type WriteOnce = (client: TenantClient, name: string) => Promise<number>;

export const sailsToPort: WriteOnce = async (client, name) => {
  const { rows } = await client.query('INSERT INTO port (name) VALUES ($1) RETURNING id', [name]);
  const [row] = rows as readonly { readonly id: number }[];
  await client.query(`INSERT INTO voyage (port_id, sea) VALUES ($1, 'rough')`, [row?.id]);
  return row?.id ?? 0;
};

/** Writers of a product that knows nothing of moves. Each row has a number of a sequence, and is acknowledged or not there. */
export class AcknowledgedWork {
  /** Numbers that the database gave, by the name of the row whose COMMIT was acknowledged. */
  readonly acknowledged = new Map<string, number>();
  readonly errors: unknown[] = [];
  #longestMs = 0;
  #last = performance.now();
  #stopped = false;
  readonly #ended: Promise<unknown>;

  constructor(
    private readonly tenants: Tenants,
    private readonly tenantId: TenantId,
    private readonly write: WriteOnce = sailsToPort,
  ) {
    this.#ended = Promise.all(Array.from({ length: writers }, (_, number) => this.#work(number)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
  }

  /** Longest time between two acknowledgements of all writers together since the last call, in ms. */
  longestGapMs(): number {
    const longest = Math.round(this.#longestMs);
    this.#longestMs = 0;
    return longest;
  }

  async more(rows: number): Promise<void> {
    const before = this.acknowledged.size;
    await eventually(async () => (this.errors.length > 0 || this.acknowledged.size >= before + rows ? true : null));
    if (this.errors.length > 0) throw this.errors[0];
  }

  /** `sql` reads every row of the writers with its number: each acknowledged one is there once, no other is, and no number was given twice. */
  async requireThere(sql: string): Promise<void> {
    expect(this.errors).toEqual([]);
    const { rows } = await this.tenants.query<{ name: string; id: number }>(this.tenantId, sql);
    expect(rows).toHaveLength(this.acknowledged.size);
    expect(new Map(rows.map(({ name, id }) => [name, id]))).toEqual(this.acknowledged);
    expect(new Set(this.acknowledged.values()).size).toBe(this.acknowledged.size);
  }

  async #work(writer: number): Promise<void> {
    for (let round = 0; !this.#stopped && this.errors.length === 0; round += 1) {
      const name = `writer ${String(writer)}, ${String(round)}`;
      try {
        const id = await this.tenants.withTransaction(this.tenantId, (client) => this.write(client, name));
        this.acknowledged.set(name, id);
      } catch (error) {
        this.errors.push(error);
      }
      const now = performance.now();
      this.#longestMs = Math.max(this.#longestMs, now - this.#last);
      this.#last = now;
    }
  }
}

export async function placeOfGeneration({ tools }: World, tenantId: TenantId, generation: number): Promise<Place> {
  const found = await tools.placements.get(tenantId, generation);
  if (found === null) throw new Error(`${tenantId} has no place of generation ${String(generation)}`);
  return found;
}

/** Every row and definition of both places, once what was written at `from` has come to the other one; nobody writes meanwhile. */
export async function requireEqualEnds({ tools }: World, stream: ReplicationStream): Promise<number> {
  await tools.replication.awaitApplied(stream, { timeoutMs: 60_000 });
  const work = { signal: new AbortController().signal, onProgress: () => undefined };
  const report = await tools.comparison.compare(stream.from, stream.to, work);
  // Of the sequences a stream carries nothing.
  expect(report.differences.filter(({ kind }) => kind !== 'sequence-position')).toEqual([]);
  return report.rows;
}
