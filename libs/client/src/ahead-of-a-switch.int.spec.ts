// A place is announced, and connections wait there before the switch: what they are used for, and what they are never used for.
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as later } from 'node:timers/promises';
import type { TenantSecret } from '@berth/domain';
import { ClientTenants, inTurn, postgresMajors, whenAvailable } from '@berth/testing';
import pg from 'pg';
import {
  type AnnouncedPlace,
  createTenants,
  type TenantEvent,
  TenantMovingError,
  type Tenants,
  type TenantsOptions,
} from './index.js';

/** As Berth's own say it: the fence of the old place, and the gate of the new one, which one row opens. */
const refusal = `RAISE EXCEPTION 'tenant moved' USING ERRCODE = '25006', DETAIL = 'generation ' || TG_ARGV[0]`;
const fence = (generation: number) => `
  CREATE OR REPLACE FUNCTION refuse_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${refusal}; END $$;
  CREATE TRIGGER fence BEFORE INSERT ON item EXECUTE FUNCTION refuse_write('${String(generation)}')`;
const gate = `
  CREATE TABLE gate AS SELECT false AS open;
  GRANT SELECT ON gate TO PUBLIC;
  CREATE FUNCTION refuse_closed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT (SELECT open FROM gate) THEN ${refusal}; END IF; RETURN NULL; END $$;
  CREATE TRIGGER gate BEFORE INSERT ON item EXECUTE FUNCTION refuse_closed('2')`;

const until = async (condition: () => boolean | Promise<boolean>) => {
  for (let tries = 0; !(await condition()); tries += 1) {
    if (tries > 1_000) throw new Error('it did not come true');
    await later(10);
  }
};

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { readonly port: number }).port;
}

const versions = await postgresMajors();

describe.each(inTurn(import.meta.url, [16, 18]))('on PostgreSQL %i', (major) => {
  const found = versions.find((version) => version.major === major);
  const missing =
    found === undefined ? `${String(major)} is not here (BERTH_TEST_PG_BINS names bin folders)` : undefined;
  whenAvailable({ name: `PostgreSQL ${String(major)}`, missing }, 'a place that is announced', () => {
    let here: ClientTenants;
    let announced: readonly AnnouncedPlace[] = [];
    let old: TenantSecret;
    let next: TenantSecret;
    let name: string;
    let made = 0;
    const events: TenantEvent[] = [];
    const opened: Tenants[] = [];

    beforeAll(async () => {
      here = await ClientTenants.start({ major });
    });
    beforeEach(async () => {
      made += 1;
      name = `tenant-${String(made)}`;
      [announced, events.length] = [[], 0];
      old = await here.add(name);
      next = await here.addPlace(name);
    });
    afterEach(() => Promise.all(opened.splice(0).map((tenants) => tenants.close())));
    afterAll(() => here.stop());

    const open = (options: Partial<TenantsOptions> = {}): Tenants => {
      const placement = { read: here.source.read, announced: async () => announced };
      const onEvent = (event: TenantEvent): void => void events.push(event);
      // Secrets are looked at when something tells to, and never by the clock.
      const waits = { announcedMs: 20, pollMs: 3_600_000 };
      const tenants = createTenants({ placement, onEvent, ...waits, ...options });
      opened.push(tenants);
      return tenants;
    };
    const announce = (to: Partial<TenantSecret> = {}, from: Partial<TenantSecret> = {}): void => {
      announced = [{ tenantId: name, from: { ...old, ...from }, to: { ...next, ...to } }];
    };
    const prepared = async (): Promise<number> => {
      await until(() => events.some(({ type }) => type === 'prepared'));
      return events.flatMap((event) => (event.type === 'prepared' ? [event.connections] : []))[0] ?? 0;
    };
    const at = async (place: TenantSecret, sql: string): Promise<string> =>
      await here.server.psql(`SET search_path = ${place.schema}; ${sql}`, place.database);
    const sessionsAt = async (place: TenantSecret): Promise<readonly string[]> => {
      const sql = `SELECT pid FROM pg_stat_activity WHERE datname = '${place.database}' AND usename = '${place.username}' ORDER BY 1`;
      return (await here.psql(sql)).split('\n').filter((pid) => pid !== '');
    };
    const whereIs = async (tenants: Tenants): Promise<string | undefined> =>
      (await tenants.query<{ db: string }>(name, 'SELECT current_database() AS db')).rows[0]?.db;
    const atOnce = (tenants: Tenants, count: number) =>
      Promise.all(Array.from({ length: count }, () => tenants.query(name, 'SELECT pg_sleep(0.05)')));

    it('is where writers go by connections that were open before, with no secret yet, as soon as its gate opens', async () => {
      const tenants = open({ pools: { connectionsPerTenant: 8 } });
      await at(next, gate);
      const acknowledged: string[] = [];
      const errors: unknown[] = [];
      let stopped = false;
      const writer = async (number: number): Promise<void> => {
        for (let round = 0; !stopped && errors.length === 0; round += 1) {
          const row = `writer ${String(number)}, ${String(round)}`;
          const insert = { text: 'INSERT INTO item (name) VALUES ($1)', values: [row] };
          const write =
            round % 2 === 0
              ? tenants.query(name, insert)
              : tenants.withTransaction(name, (client) => client.query(insert));
          await write.then(() => acknowledged.push(row)).catch((error: unknown) => errors.push(error));
        }
      };
      const more = (count: number) => {
        const wanted = acknowledged.length + count;
        return until(() => acknowledged.length >= wanted || errors.length > 0);
      };
      const writers = Array.from({ length: 8 }, (_, number) => writer(number));
      await more(200);
      announce();
      expect(await prepared()).toBe(8);
      const before = await sessionsAt(next);
      expect(before).toHaveLength(8);
      expect(tenants.stats).toMatchObject({ ahead: 8 });
      // Nothing but the look whose session it is has been sent there, however long writers go on at the old place.
      await more(100);
      const asked = `SELECT DISTINCT query LIKE '%session_user%' FROM pg_stat_activity WHERE pid IN (${before.join()})`;
      expect(await here.psql(asked)).toBe('t');

      const source = new pg.Client({
        connectionString: here.server.superuserUrl(old.database),
        options: `-c search_path=${old.schema}`,
      });
      await source.connect();
      await source.query('BEGIN; LOCK TABLE item IN SHARE ROW EXCLUSIVE MODE');
      const { rows } = await source.query<{ name: string }>('SELECT name FROM item');
      const [sent, reads] = [acknowledged.length, here.reads];
      await source.query(`${fence(2)}; COMMIT`);
      await source.end();
      // They are at the new place and refused there: the gate decides, not who knocks.
      await until(() => events.filter((event) => event.type === 'retried' && event.reason === 'fenced').length > 16);
      expect(events).toContainEqual({ type: 'switched', tenantId: name, from: 1, generation: 2 });
      // An answer that was on its way when the lock came is acknowledged at the old place.
      const late = acknowledged.length;
      expect(late - sent).toBeLessThanOrEqual(8);
      expect(await at(next, 'SELECT count(*) FROM item')).toBe('0');
      await at(next, 'UPDATE gate SET open = true');
      await more(200);
      expect(await sessionsAt(next)).toEqual(before);
      here.publish(name, next);
      await tenants.refresh(name);
      await more(100);
      stopped = true;
      await Promise.all(writers);
      expect(errors).toEqual([]);
      expect(here.reads).toBeGreaterThan(reads);
      expect(await sessionsAt(next)).toEqual(before);
      const there = (await at(next, "SELECT name FROM item WHERE name LIKE 'writer%'")).split('\n');
      expect([...rows.map((row) => row.name).filter((row) => row !== name), ...there].sort()).toEqual(
        [...acknowledged].sort(),
      );
      expect(events.filter(({ type }) => type === 'switched')).toHaveLength(1);
    });

    it('is where readers go by them once the secret says so', async () => {
      const tenants = open();
      await atOnce(tenants, 3);
      announce();
      expect(await prepared()).toBe(3);
      const before = await sessionsAt(next);
      expect(await whereIs(tenants)).toBe(old.database);
      here.publish(name, next);
      // The announcement goes with the switch, and tells to look.
      announced = [];
      await until(async () => (await whereIs(tenants)) === next.database);
      await atOnce(tenants, 3);
      expect(await sessionsAt(next)).toEqual(before);
      await until(async () => (await sessionsAt(old)).length === 0);
    });

    it('is where the next caller is once a session of withClient was refused, and what the session did is not done again', async () => {
      const tenants = open();
      await atOnce(tenants, 1);
      announce();
      expect(await prepared()).toBe(1);
      await at(old, fence(2));
      const refused = tenants.withClient(name, (client) => client.query("INSERT INTO item (name) VALUES ('once')"));
      await expect(refused).rejects.toBeInstanceOf(TenantMovingError);
      expect(await whereIs(tenants)).toBe(next.database);
      expect(await at(next, "SELECT count(*) FROM item WHERE name = 'once'")).toBe('0');
    });

    it('is left again when it is withdrawn, and when nobody confirms it any more', async () => {
      const tenants = open();
      await atOnce(tenants, 2);
      announce();
      expect(await prepared()).toBe(2);
      announced = [];
      await until(async () => (await sessionsAt(next)).length === 0);
      expect([tenants.stats.ahead, await whereIs(tenants)]).toEqual([0, old.database]);
      await at(old, fence(2));
      const write = tenants.query(name, "INSERT INTO item (name) VALUES ('late')");
      await until(() => events.some((event) => event.type === 'retried' && event.reason === 'fenced'));
      expect(await sessionsAt(next)).toEqual([]);
      here.publish(name, next);
      expect((await write).rowCount).toBe(1);
    });

    it('is not gone to by the word of a fence that names another generation', async () => {
      const tenants = open();
      await atOnce(tenants, 1);
      announce();
      expect(await prepared()).toBe(1);
      await at(old, fence(3));
      const write = tenants.query(name, "INSERT INTO item (name) VALUES ('elsewhere')");
      await until(() => events.filter((event) => event.type === 'retried' && event.reason === 'fenced').length > 1);
      expect([await whereIs(tenants), tenants.stats.ahead > 0]).toEqual([old.database, true]);
      here.publish(name, { ...next, generation: 3 });
      expect((await write).rowCount).toBe(1);
      // It was announced as generation 2, and that is none any more.
      expect(tenants.stats.ahead).toBe(0);
    });

    it('stays within every limit, and its connections are the first to go', async () => {
      const tenants = open({ pools: { connections: 5, connectionsPerTenant: 3 } });
      const other = `${name}-other`;
      await here.add(other);
      await atOnce(tenants, 3);
      announce();
      expect(await prepared()).toBe(2);
      expect(tenants.stats).toMatchObject({ open: 5, ahead: 2, idle: 3 });
      await tenants.query(other, 'SELECT 1');
      expect(tenants.stats).toMatchObject({ open: 5, ahead: 1, idle: 4 });
      await later(100);
      expect(tenants.stats).toMatchObject({ open: 5, ahead: 1 });
    });

    it('gets as many connections as the tenant may have there, beside those that it has here', async () => {
      const tenants = open({ pools: { connectionsPerTenant: 2 } });
      await atOnce(tenants, 2);
      announce();
      expect(await prepared()).toBe(2);
      expect(tenants.stats).toMatchObject({ open: 4, ahead: 2, idle: 2 });
    });

    const wrong: Readonly<Record<string, () => Promise<void> | void>> = {
      'in another schema': async () => {
        await here.server.psql(`ALTER SCHEMA ${old.schema} RENAME TO elsewhere`, next.database);
        announce();
      },
      'whose schema belongs to somebody else': async () => {
        await here.server.psql(`ALTER SCHEMA ${old.schema} OWNER TO CURRENT_USER`, next.database);
        announce();
      },
      'of another tenant': async () => {
        const other = await here.add(`${name}-other`);
        announce({ username: other.username, schema: other.schema, database: other.database });
      },
      'in a database that is not there': () => announce({ database: 'nowhere' }),
      'on a host that is not there': () => announce({ host: '127.0.0.1', port: 1 }),
      'for who reaches the tenant otherwise': () => announce({}, { port: old.port + 1 }),
      'of an older generation': () => announce({ generation: 1 }),
    };
    it.each(Object.keys(wrong))('%s harms nobody, and the move does not wait for this client', async (which) => {
      const tenants = open();
      await atOnce(tenants, 2);
      await wrong[which]?.();
      if (which === 'of an older generation') await later(100);
      else expect(await prepared()).toBe(0);
      expect(tenants.stats.ahead).toBe(0);
      await at(old, fence(2));
      const write = tenants.query(name, "INSERT INTO item (name) VALUES ('waits')");
      await until(() => events.some((event) => event.type === 'retried' && event.reason === 'fenced'));
      expect(await whereIs(tenants)).toBe(old.database);
      await at(old, 'DROP TRIGGER fence ON item');
      expect((await write).rowCount).toBe(1);
    });

    it('whose server does not prove that it knows the login hears no password', async () => {
      // One asks for it in clear, one for its MD5, one lets everybody in; `R`, length, kind.
      for (const asking of ['520000000800000003', '520000000c0000000501020304', '520000000800000000']) {
        [announced, events.length] = [[], 0];
        const heard: Buffer[] = [];
        const sockets: Socket[] = [];
        const rogue = createServer((socket) => {
          sockets.push(socket);
          let greeted = false;
          socket
            .on('error', () => undefined)
            .on('data', (bytes) => {
              if (greeted) return void heard.push(bytes);
              greeted = true;
              // Ready for a query, where nothing was asked.
              const ready = asking.endsWith('00000000') ? '5a0000000549' : '';
              socket.write(Buffer.from(asking + ready, 'hex'));
            });
        });
        const port = await listening(rogue);
        const tenants = open({ pools: { connectMs: 500 } });
        await atOnce(tenants, 1);
        announce({ port });
        expect(await prepared()).toBe(0);
        const text = Buffer.concat(heard).toString('latin1');
        expect([text.includes(old.password), text.includes('md5'), text.includes('SELECT')]).toEqual([
          false,
          false,
          false,
        ]);
        await tenants.close();
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => rogue.close(resolve));
      }
    });

    it('keeps nobody waiting when its server accepts and says nothing: not a caller, not the next secret', async () => {
      const sockets: Socket[] = [];
      const silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
      const port = await listening(silent);
      const tenants = open({ pools: { connectMs: 600_000 } });
      await atOnce(tenants, 1);
      here.publish(name, { ...next, port });
      expect(await tenants.refresh(name)).toBe(true);
      const signal = AbortSignal.timeout(50);
      await expect(tenants.query(name, 'SELECT 1', [], { signal })).rejects.toThrow(/timeout|aborted/i);
      expect(sockets.filter(({ destroyed }) => !destroyed).length).toBeGreaterThan(0);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    });
  });
});
