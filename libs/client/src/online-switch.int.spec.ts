// What an online move will do to a client, by hand: the table lock is the gate, the fence is armed under it, and the new secret
// comes some milliseconds after the writers have woken.
import { ClientTenants, makeTenantPlace } from '@berth/testing';
import pg from 'pg';
import { createTenants, type TenantEvent } from './index.js';

const table = 'CREATE TABLE item (id serial PRIMARY KEY, name text NOT NULL UNIQUE)';

/** As Berth's own says it. */
const fence = `
  CREATE FUNCTION refuse_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'tenant moved' USING ERRCODE = '25006', DETAIL = 'generation ' || TG_ARGV[0]; END $$;
  CREATE TRIGGER fence BEFORE INSERT ON item EXECUTE FUNCTION refuse_write('2')`;

describe('an online switch', () => {
  let here: ClientTenants;
  beforeAll(async () => {
    here = await ClientTenants.start();
  });
  afterAll(() => here.stop());

  it('trap 21: is latency to writers, and no error: each row is there once', async () => {
    const old = await here.add('acme');
    const { server } = here;
    const database = await server.createDatabase();
    await makeTenantPlace(server, { clusterId: 'cluster', database, tenantId: 'acme' }, []);
    await server.psql(`SET ROLE tenant_acme; SET search_path = tenant_acme; ${table}`, database);
    const [source, target] = [old.database, database].map(
      (name) => new pg.Client({ connectionString: server.superuserUrl(name), options: '-c search_path=tenant_acme' }),
    ) as [pg.Client, pg.Client];
    await Promise.all([source.connect(), target.connect()]);

    const events: TenantEvent[] = [];
    const onEvent = (event: TenantEvent): void => void events.push(event);
    const tenants = createTenants({ placement: here.source, pools: { connectionsPerTenant: 8 }, onEvent });
    const acknowledged: string[] = [];
    const errors: unknown[] = [];
    let stopped = false;
    const writer = async (number: number): Promise<void> => {
      for (let round = 0; !stopped && errors.length === 0; round += 1) {
        const name = `writer ${String(number)}, ${String(round)}`;
        const insert = { text: 'INSERT INTO item (name) VALUES ($1)', values: [name] };
        const write =
          round % 2 === 0
            ? tenants.query('acme', insert)
            : tenants.withTransaction('acme', (client) => client.query(insert));
        await write.then(() => acknowledged.push(name)).catch((error: unknown) => errors.push(error));
      }
    };
    const more = async (count: number): Promise<void> => {
      const wanted = acknowledged.length + count;
      while (acknowledged.length < wanted && errors.length === 0)
        await new Promise((resolve) => setTimeout(resolve, 2));
    };
    const writers = Array.from({ length: 8 }, (_, number) => writer(number));
    await more(200);

    await source.query('BEGIN; LOCK TABLE item IN SHARE ROW EXCLUSIVE MODE');
    const { rows } = await source.query<{ id: number; name: string }>('SELECT id, name FROM item');
    const copied = [rows.map(({ id }) => id), rows.map(({ name }) => name)];
    await target.query('INSERT INTO item (id, name) SELECT * FROM unnest($1::int[], $2::text[])', copied);
    await target.query("SELECT setval('item_id_seq', $1)", [Math.max(...rows.map(({ id }) => id)) + 100]);
    await source.query(`${fence}; COMMIT`);
    // Some of them are refused before anybody knows the new place.
    while (!events.some((event) => event.type === 'retried' && event.reason === 'fenced'))
      await new Promise(setImmediate);
    here.publish('acme', { ...old, database, generation: 2 });

    await more(200);
    stopped = true;
    await Promise.all(writers);
    const { rows: found } = await target.query<{ name: string }>("SELECT name FROM item WHERE name LIKE 'writer%'");
    await Promise.all([source.end(), target.end(), tenants.close()]);
    expect(errors).toEqual([]);
    expect(found.map(({ name }) => name).sort()).toEqual([...acknowledged].sort());
    expect(events.filter(({ type }) => type === 'switched')).toMatchObject([{ from: 1, generation: 2 }]);
  });
});
