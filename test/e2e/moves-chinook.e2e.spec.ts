import type { Tenants } from '@berth/client';
import { type Operation, type Place, streamsOf, type TenantId } from '@berth/domain';
import { chinook, inTurn, postgresParts, whenAvailable } from '@berth/testing';
import pg from 'pg';
import { moveTo, readyTenant, toOwn } from '../crash/scenarios/tenants.js';
import { secretOf } from '../crash/tenant-data.js';
import { World } from '../crash/world.js';
import {
  AcknowledgedWork,
  clientsOf,
  placeOfGeneration,
  requireEqualEnds,
  type WriteOnce,
} from './acknowledged-work.js';
import { eventually } from './worker-world.js';

const postgres = await postgresParts();

/** A sale in the music shop: an invoice with two lines, a customer who is changed, a list of songs that is shuffled. */
const sells: WriteOnce = async (client, name) => {
  const { rows } = await client.query(
    `INSERT INTO invoice (customer_id, invoice_date, billing_address, total) VALUES (1 + floor(random() * 59), now(), $1, 1.98) RETURNING invoice_id AS id`,
    [name],
  );
  const [invoice] = rows as readonly { readonly id: number }[];
  const id = invoice?.id ?? 0;
  await client.query(
    `INSERT INTO invoice_line (invoice_id, track_id, unit_price, quantity) SELECT $1, track_id, unit_price, 1 FROM track ORDER BY random() LIMIT 2`,
    [id],
  );
  await client.query('UPDATE customer SET company = $2 WHERE customer_id = 1 + $1 % 59', [id, name]);
  await client.query(
    `WITH gone AS (DELETE FROM playlist_track WHERE playlist_id = 1 AND track_id = 1 + $1 % 3000 RETURNING track_id)
     INSERT INTO playlist_track SELECT 2, track_id FROM gone ON CONFLICT DO NOTHING`,
    [id],
  );
  return id;
};

const sales = `SELECT i.billing_address AS name, i.invoice_id AS id FROM invoice i JOIN invoice_line l USING (invoice_id)
  WHERE i.billing_address LIKE 'writer%' GROUP BY 1, 2 HAVING count(*) = 2`;

/** What nobody changes. */
const catalogue = ['album', 'artist', 'employee', 'genre', 'media_type', 'playlist', 'track'];
const fingerprint = `SELECT md5(concat(${catalogue.map((table) => `(SELECT string_agg(t::text, ';' ORDER BY t::text COLLATE "C") FROM ${table} t)`).join(', ')})) AS md5`;

describe.each(inTurn(import.meta.url, [16, 18]))('the music shop Chinook on PostgreSQL %i', (major) => {
  whenAvailable([postgres(major), chinook.part], 'moves while it sells', () => {
    let world: World;
    let tenants: Tenants;
    let work: AcknowledgedWork | undefined;
    beforeAll(async () => {
      world = await World.open({}, {}, { major, replication: true });
      tenants = clientsOf(world);
    });
    afterAll(async () => {
      await work?.stop();
      await tenants?.close();
      await world?.close();
    });

    const importedTenant = async (): Promise<TenantId> => {
      const tenantId = await readyTenant(world);
      const client = new pg.Client({ connectionString: (await secretOf(world, tenantId)).url });
      await client.connect();
      await client.query(`DROP TABLE voyage, port; DROP TYPE mood; ${await chinook.sql()}`).finally(() => client.end());
      return tenantId;
    };
    const place = (tenantId: TenantId, generation: number): Promise<Place> =>
      placeOfGeneration(world, tenantId, generation);
    /** Copies and compares, waits for somebody to press the switch, and switches. */
    const promote = async (tenantId: TenantId): Promise<Operation> => {
      const before = await world.tools.placements.current(tenantId);
      const { id } = await world.desk.start(moveTo(tenantId, toOwn, 'manual', 'online'), 'test');
      const ended = world.runToEnd(id);
      await eventually(async () => ((await world.tools.moves.get(id))?.state === 'ready' ? true : null), 300_000);
      await work?.more(50);
      expect(await world.tools.placements.current(tenantId)).toEqual(before);
      await world.desk.requestSwitch(id);
      expect(await ended).toMatchObject({ state: 'succeeded', error: null });
      return world.operation(id);
    };

    it('to an instance of its own, back by a reverse, and there again: every sale once, every row equal', async () => {
      const tenantId = await importedTenant();
      const unchanged = async () => (await tenants.query<{ md5: string }>(tenantId, fingerprint)).rows[0]?.md5;
      const before = await unchanged();
      work = new AcknowledgedWork(tenants, tenantId, sells);
      await work.more(50);
      const there = await promote(tenantId);
      await work.more(50);
      const move = await world.tools.moves.get(there.id);
      expect(move).toMatchObject({ state: 'switched', comparison: { equal: true, differences: [] } });
      expect(move?.comparison?.tables).toHaveLength(11);
      expect(move?.comparison?.rows).toBeGreaterThan(15_000);
      await world.perform({ kind: 'reverse-move', moveId: there.id });
      await work.more(50);
      expect(await world.tools.moves.get(there.id)).toMatchObject({
        state: 'reversed',
        reverseComparison: { equal: true },
      });
      await world.perform({ kind: 'complete-move', moveId: there.id });
      const again = await promote(tenantId);
      await work.more(50);
      await work.stop();

      await work.requireThere(sales);
      expect(await unchanged()).toBe(before);
      const now = await place(tenantId, 4);
      expect(now).toMatchObject({ tier: 'dedicated', state: 'current' });
      const streams = streamsOf(await place(tenantId, 3), now, 4);
      const rows = await requireEqualEnds(world, streams.reverse);
      await world.perform({ kind: 'complete-move', moveId: again.id });
      for (const stream of Object.values(streams)) expect(await world.tools.replication.leftovers(stream)).toEqual([]);
      process.stdout.write(
        `PostgreSQL ${String(major)}: ${String(work.acknowledged.size)} sales, ${String(rows)} rows equal; locked for ${[there, again].map(({ result }) => String(result?.['switchMs'])).join(' and ')} ms; longest gap of sales ${String(work.longestGapMs())} ms\n`,
      );
    }, 900_000);
  });
});
