import { createTenants, type TenantEvent, type Tenants } from '@berth/client';
import { type Operation, type Place, secretRefs, streamsOf, type TenantId } from '@berth/domain';
import { postgresParts, whenAvailable } from '@berth/testing';
import { readyTenant } from '../crash/scenarios/tenants.js';
import { World } from '../crash/world.js';
import { eventually } from './worker-world.js';

const postgres = await postgresParts();
/** As many as the plan of a small tenant allows. */
const writers = 4;

/** Writers of a product that knows nothing of moves. Each row has a number of a sequence, and is acknowledged or not there. */
class Work {
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
  ) {
    this.#ended = Promise.all(Array.from({ length: writers }, (_, number) => this.#write(number)));
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

  more(rows: number): Promise<true> {
    const before = this.acknowledged.size;
    return eventually(async () => {
      if (this.errors.length > 0) throw this.errors[0];
      return this.acknowledged.size >= before + rows ? true : null;
    });
  }

  async #write(writer: number): Promise<void> {
    for (let round = 0; !this.#stopped && this.errors.length === 0; round += 1) {
      const name = `writer ${String(writer)}, ${String(round)}`;
      try {
        const id = await this.tenants.withTransaction(this.tenantId, async (client) => {
          const { rows } = await client.query('INSERT INTO port (name) VALUES ($1) RETURNING id', [name]);
          const [row] = rows as readonly { readonly id: number }[];
          await client.query(`INSERT INTO voyage (port_id, sea) VALUES ($1, 'rough')`, [row?.id]);
          return row?.id ?? 0;
        });
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

describe.each([15, 16, 18])('an online move on PostgreSQL %i is reversed', (major) => {
  whenAvailable(postgres(major), 'while the tenant works', () => {
    let world: World;
    let tenants: Tenants;
    let work: Work;
    const events: TenantEvent[] = [];
    beforeAll(async () => {
      world = await World.open({}, {}, { major, replication: true });
      const read = async (tenantId: string) =>
        (await world.tools.secrets.read(secretRefs.tenantDb(tenantId as TenantId)))?.document ?? null;
      tenants = createTenants({ placement: { read }, pollMs: 200, onEvent: (event) => void events.push(event) });
    }, 120_000);
    afterAll(async () => {
      await work?.stop();
      await tenants?.close();
      await world?.close();
    }, 120_000);

    const onlineTo = (tenantId: TenantId, clusterId: string) =>
      ({
        kind: 'move-tenant',
        tenantId,
        target: { tier: 'shared', clusterId },
        strategy: 'online',
        switchMode: 'auto',
      }) as const;
    const place = async (tenantId: TenantId, generation: number): Promise<Place> => {
      const found = await world.tools.placements.get(tenantId, generation);
      if (found === null) throw new Error(`there is no generation ${String(generation)}`);
      return found;
    };
    /** Every row of both places, once what was written at `from` has come to the other one. */
    const requireEqual = async (stream: ReturnType<typeof streamsOf>['forward']): Promise<void> => {
      await world.tools.replication.awaitApplied(stream, { timeoutMs: 60_000 });
      const signal = new AbortController().signal;
      const report = await world.tools.comparison.compare(stream.from, stream.to, {
        signal,
        onProgress: () => undefined,
      });
      expect(report.differences.filter(({ kind }) => kind !== 'sequence-position')).toEqual([]);
    };
    const pauseOf = ({ result }: Operation): string =>
      `${String(result?.['switchMs'])} ms locked, ${String(result?.['writePauseMs'])} ms to the secret`;

    it('and moves once more: every acknowledged row is there once, no number is given twice, and no client saw an error', async () => {
      const tenantId = await readyTenant(world);
      work = new Work(tenants, tenantId);
      await work.more(50);
      const there = await world.perform(onlineTo(tenantId, 'shared-2'));
      await work.more(100);
      work.longestGapMs();
      const back = await world.perform({ kind: 'reverse-move', moveId: there.id });
      await work.more(100);
      const gap = work.longestGapMs();
      expect(await world.tools.placements.current(tenantId)).toMatchObject({ clusterId: 'shared-1', generation: 3 });
      expect(await world.tools.moves.get(there.id)).toMatchObject({ state: 'reversed', comparison: { equal: true } });
      expect(back.result).toMatchObject({ comparedAfter: expect.any(Number) as number });
      await world.perform({ kind: 'complete-move', moveId: there.id });
      const first = streamsOf(await place(tenantId, 1), await place(tenantId, 2), 2);
      for (const stream of Object.values(first)) expect(await world.tools.replication.leftovers(stream)).toEqual([]);
      expect(await world.tools.database.leftovers(await place(tenantId, 2))).toEqual([]);

      const again = await world.perform(onlineTo(tenantId, 'shared-2'));
      await work.more(100);
      await work.stop();
      expect(work.errors).toEqual([]);
      const current = await place(tenantId, 4);
      expect(current).toMatchObject({ clusterId: 'shared-2', state: 'current' });
      const sql = `SELECT p.name, p.id, count(v.*)::int AS voyages FROM port p LEFT JOIN voyage v ON v.port_id = p.id AND v.sea = 'rough'
        WHERE p.name LIKE 'writer%' GROUP BY 1, 2`;
      const { rows } = await tenants.query<{ name: string; id: number; voyages: number }>(tenantId, sql);
      expect(new Map(rows.map(({ name, id }) => [name, id]))).toEqual(work.acknowledged);
      expect(rows).toHaveLength(work.acknowledged.size);
      expect(rows.filter(({ voyages }) => voyages !== 1)).toEqual([]);
      expect(new Set(work.acknowledged.values()).size).toBe(work.acknowledged.size);
      expect(events.filter(({ type }) => type === 'switched')).toMatchObject([
        { from: 1, generation: 2 },
        { from: 2, generation: 3 },
        { from: 3, generation: 4 },
      ]);
      await requireEqual(streamsOf(await place(tenantId, 3), current, 4).reverse);
      process.stdout.write(
        `PostgreSQL ${String(major)}: ${String(work.acknowledged.size)} transactions by ${String(writers)} clients; there ${pauseOf(there)}; back ${pauseOf(back)}, longest gap ${String(gap)} ms; there again ${pauseOf(again)}\n`,
      );
    }, 240_000);
  });
});
