import { type Actor, BerthError, type Place } from '@berth/domain';
import type { SwitchReport, SwitchRequest } from '@berth/ports';
import {
  inTurn,
  postgresParts,
  standBeforeSwitch,
  startTenantClients,
  startTenantPair,
  type TenantAddress,
  type TenantPair,
  whenAvailable,
} from '@berth/testing';
import { Client } from 'pg';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections, type Connection } from '../connection/index.js';
import { PostgresTenantFence } from '../fence/postgres-tenant-fence.js';
import { PostgresTenantGate } from '../gate/postgres-tenant-gate.js';
import { withHeldMoment } from '../replication/held-moment.js';
import { PostgresTenantReplication } from '../replication/postgres-tenant-replication.js';
import { PostgresTenantSwitch } from './postgres-tenant-switch.js';

const postgres = await postgresParts();

/** Does something right before a statement of the switch's own sessions is sent, once for each text. */
class HookedConnections extends ClusterConnections {
  readonly hooks = new Map<string, () => Promise<void>>();
  /** Messages with these words, whose answer gets lost, once: they are done all the same. */
  readonly unanswered = new Set<string>();
  #decided = false;

  forget(): void {
    this.hooks.clear();
    this.unanswered.clear();
    this.#decided = false;
  }

  override withClient<T>(
    clusterId: string,
    database: string | undefined,
    fn: (client: Connection) => Promise<T>,
  ): Promise<T> {
    return super.withClient(clusterId, database, (client) => {
      const send = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      const query = async (...args: unknown[]): Promise<unknown> => {
        const message = this.#decided && args[0] === 'COMMIT' ? opening : String(args[0]);
        for (const [text, act] of this.hooks) {
          if (!message.includes(text)) continue;
          this.hooks.delete(text);
          await act();
        }
        const answer = await send(...args);
        this.#decided ||= message.includes(pivot);
        const lost = [...this.unanswered].find((text) => message.includes(text));
        if (lost === undefined) return answer;
        this.unanswered.delete(lost);
        throw Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
      };
      return fn(Object.assign(client, { query }));
    });
  }
}

const pivot = 'INSERT INTO berth.moved';
/** The first COMMIT after it. */
const opening = 'the gate opens';
const locking = 'SHARE ROW EXCLUSIVE';

/** Without a sequence: nothing but the rows goes from one end to the other. */
const tables = `CREATE TABLE written (n int PRIMARY KEY, at timestamptz DEFAULT now());
  CREATE TABLE item (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text);`;

describe.each(inTurn(import.meta.url, [15, 16, 18]))('a switch that is disturbed on PostgreSQL %i', (major) => {
  whenAvailable(postgres(major), 'as it is', () => {
    let pair: TenantPair;
    let connections: HookedConnections;
    let replication: PostgresTenantReplication;
    let fence: PostgresTenantFence;
    let gate: PostgresTenantGate;
    let source: Place;
    let target: Place;
    let actor: Actor;
    let request: SwitchRequest;
    let count = 0;

    beforeAll(async () => {
      const server = { major, replication: true };
      pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql), source: server, target: server });
      connections = new HookedConnections(pair.directory);
      replication = new PostgresTenantReplication(connections);
      fence = new PostgresTenantFence(connections);
      gate = new PostgresTenantGate(connections);
    });
    afterAll(async () => {
      await connections?.close();
      await pair?.close();
    });
    beforeEach(async () => {
      count += 1;
      ({ source, target, actor } = await pair.another(`disturbed-${String(count)}`));
      for (const place of [source, target]) await pair.run(place, tables);
      request = await standBeforeSwitch({ replication, fence, gate }, { source, target, actor });
    });
    afterEach(async () => {
      connections.forget();
      for (const stream of Object.values(request.streams)) await replication.remove(stream, actor);
    });

    const switchNow = (change: Partial<SwitchRequest> = {}): Promise<SwitchReport> =>
      new PostgresTenantSwitch(connections).run({ ...request, ...change }, actor);
    const before = (text: string, act: () => Promise<void>): void => void connections.hooks.set(text, act);
    const written = async (place: Place): Promise<readonly number[]> =>
      JSON.parse(await pair.run(place, `SELECT coalesce(json_agg(n ORDER BY n), '[]') FROM written`)) as number[];
    const nothingDecided = async (): Promise<void> => {
      expect(await fence.movedMarker(source, actor)).toBeNull();
      expect(await fence.state(source)).toBe('prepared');
      await pair.run(source, `INSERT INTO item (name) VALUES ('works on')`);
    };

    it('trap 1: has every acknowledged row at the target before anybody may write there, however slow the stream is', async () => {
      const address: TenantAddress = { server: pair.sourceServer, place: source };
      const clients = await startTenantClients(() => address, 4);
      while (clients.acknowledged().length < 200) await new Promise((resolve) => setImmediate(resolve));
      const worker = `SELECT pid FROM pg_stat_activity WHERE backend_type LIKE 'logical replication%' AND datname = current_database()
        AND pid = (SELECT pid FROM pg_stat_subscription WHERE subname = '${request.streams.forward.name}')`;
      let seen: ReadonlySet<number> = new Set();
      let acknowledged: readonly number[] = [];
      let sooner: (() => void) | undefined;
      before(locking, async () => {
        const pid = Number(await pair.targetServer.psql(worker, target.database));
        // Nobody's number means all of this process's group.
        if (pid <= 0) throw new Error('The stream has no worker.');
        process.kill(pid, 'SIGSTOP');
        const timer = setTimeout(() => process.kill(pid, 'SIGCONT'), 300);
        sooner = () => (clearTimeout(timer), process.kill(pid, 'SIGCONT'));
      });
      before(opening, async () => {
        acknowledged = [...clients.acknowledged()];
        seen = new Set(await written(target));
        sooner?.();
      });
      const report = await switchNow();
      void clients.stop().catch(() => undefined);
      expect(report.times.marker).toBeGreaterThan(50);
      expect(acknowledged.filter((n) => !seen.has(n))).toEqual([]);
    });

    it('has every acknowledged row on the disk of the target at the pivot, without a sequence too', async () => {
      const { targetServer, sourceServer } = pair;
      // Nothing else takes commits that did not wait to the disk.
      for (const setting of [`wal_writer_delay = '10s'`, `wal_writer_flush_after = '1GB'`])
        await targetServer.psql(`ALTER SYSTEM SET ${setting}`);
      await targetServer.psql('SELECT pg_reload_conf()');
      before(locking, async () => {
        await pair.run(source, 'INSERT INTO written SELECT g FROM generate_series(1, 50) g');
        await replication.awaitApplied(request.streams.forward, { timeoutMs: 20_000 });
      });
      before(opening, async () => {
        await sourceServer.kill9();
        await targetServer.kill9();
        // A session lives some ms longer than its server: what it committed now would take all before it to the disk.
        throw new Error('cut off');
      });
      await expect(switchNow()).rejects.toThrow('cut off');
      await targetServer.start();
      const there = await written(target);
      await targetServer.psql('ALTER SYSTEM RESET ALL');
      await targetServer.psql('SELECT pg_reload_conf()');
      await sourceServer.start();
      expect(there).toHaveLength(50);
      expect(await fence.movedMarker(source, actor)).toMatchObject({ operationId: actor.operationId });
    });

    it('decides nothing when a newer worker acts on the target, and tries again when it may', async () => {
      const raise = (to: number): Promise<string> =>
        pair.targetServer.psql(
          `INSERT INTO berth.operation_fence VALUES ('${actor.tenantId}', ${String(to)}, 'op-newer')
           ON CONFLICT (tenant_id) DO UPDATE SET fence = excluded.fence`,
          target.database,
        );
      before(locking, async () => void (await raise(9)));
      await expect(switchNow()).rejects.toMatchObject({ code: 'lease-lost' });
      await nothingDecided();
      await raise(1);
      await switchNow();
    });

    it('tries again after a try that had begun at the target', async () => {
      before(pivot, () => Promise.reject(new BerthError('lock-timeout', 'Too late.')));
      expect(await switchNow()).toMatchObject({ attempts: 2 });
    });

    it('gives writers back when the target does not follow within the deadline', async () => {
      const slow = new Client({ connectionString: pair.targetServer.superuserUrl(target.database) });
      await slow.connect();
      // The stream's worker waits behind this lock as it would behind a slow disk.
      before(locking, async () => {
        await slow.query(`BEGIN; LOCK TABLE ${target.schema}.item IN SHARE MODE`);
        await pair.run(source, `INSERT INTO item (name) VALUES ('under way')`);
      });
      await expect(switchNow({ deadlineMs: 150, attempts: 1 })).rejects.toMatchObject({ code: 'stream-stalled' });
      await slow.query('COMMIT');
      await slow.end();
      await nothingDecided();
    });

    /** At both ends, and known to the move; the tenant itself may make nothing any more. */
    const withSequences = async (names: readonly string[]): Promise<Partial<SwitchRequest>> => {
      for (const [server, { schema, ownerRole, database }] of [
        [pair.sourceServer, source],
        [pair.targetServer, target],
      ] as const) {
        const make = (name: string): string =>
          `CREATE SEQUENCE ${schema}.${name}; ALTER SEQUENCE ${schema}.${name} OWNER TO ${ownerRole}`;
        await server.psql(names.map(make).join('; '), database);
      }
      return { fingerprint: await fence.fingerprint(source) };
    };

    it('has every sequence where it stands, also those that moved on, or back, after they were brought', async () => {
      const names = ['ahead', 'back', 'uncalled', 'still', 'early'];
      const change = await withSequences(names);
      await pair.run(source, `SELECT nextval('ahead'), setval('back', 50), setval('still', 7)`);
      before(locking, async () => {
        await pair.run(source, `SELECT nextval('ahead'), setval('back', 3), setval('uncalled', 9, false)`);
        // A client that comes too early: no gate keeps it from that.
        await pair.run(target, `SELECT setval('early', 30), setval('still', 1)`);
      });
      await switchNow(change);
      const all = `SELECT ${names.map((name) => `(SELECT (last_value, is_called) FROM ${name})`).join(', ')}`;
      expect(await pair.run(target, all)).toBe('(2,t)|(3,t)|(9,f)|(7,t)|(1,f)');
    });

    it('makes nobody wait for a sequence that somebody is about to drop', async () => {
      const change = await withSequences(['doomed']);
      const dropper = new Client({ connectionString: pair.sourceServer.superuserUrl(source.database) });
      await dropper.connect();
      await dropper.query(`BEGIN; DROP SEQUENCE ${source.schema}.doomed`);
      let locked = false;
      before(locking, async () => void (locked = true));
      await expect(switchNow({ ...change, attempts: 2 })).rejects.toMatchObject({ code: 'lock-timeout' });
      expect(locked).toBe(false);
      await dropper.query('ROLLBACK');
      await dropper.end();
      await switchNow(change);
    });

    it.each(['source', 'target'] as const)(
      'gives writers back when somebody drops a sequence of the %s after they began to wait',
      async (side) => {
        const change = await withSequences(['doomed']);
        const [server, place] = side === 'source' ? [pair.sourceServer, source] : [pair.targetServer, target];
        const dropper = new Client({ connectionString: server.superuserUrl(place.database) });
        await dropper.connect();
        before(locking, async () => void (await dropper.query(`BEGIN; DROP SEQUENCE ${place.schema}.doomed`)));
        await expect(switchNow({ ...change, attempts: 1, lockTimeoutMs: 200 })).rejects.toMatchObject({
          code: 'lock-timeout',
        });
        await dropper.query('ROLLBACK');
        await dropper.end();
        await nothingDecided();
        await switchNow(change);
      },
    );

    it('waits for a target that is busy for a moment, before any writer has to', async () => {
      const busy = new Client({ connectionString: pair.targetServer.superuserUrl(target.database) });
      await busy.connect();
      await busy.query(`BEGIN; LOCK TABLE "${request.streams.forward.name}".marker IN SHARE MODE`);
      let locked = false;
      before(locking, async () => void (locked = true));
      const switching = switchNow({ attempts: 1 });
      const longer = `SELECT FROM pg_locks WHERE NOT granted AND waitstart < clock_timestamp() - interval '300 ms'`;
      while ((await busy.query(longer)).rowCount === 0) expect(locked).toBe(false);
      await busy.query('COMMIT');
      await busy.end();
      expect(await switching).toMatchObject({ attempts: 1 });
      expect(locked).toBe(true);
    });

    it('trap 4: makes nobody wait behind a long transaction', async () => {
      const writer = new Client({ connectionString: pair.sourceServer.superuserUrl(source.database) });
      await writer.connect();
      await writer.query(`BEGIN; INSERT INTO ${source.schema}.item (name) VALUES ('long')`);
      let locked = false;
      before(locking, async () => void (locked = true));
      const switching = switchNow({ attempts: 3 });
      await expect(switching).rejects.toMatchObject({ code: 'lock-timeout' });
      expect(locked).toBe(false);
      await writer.query('COMMIT');
      await writer.end();
      await nothingDecided();
      await switchNow();
    });

    it('gives no right back when the answer to what decided is lost', async () => {
      before(pivot, async () => void connections.unanswered.add(pivot));
      await expect(switchNow()).rejects.toMatchObject({ code: 'database-unavailable', details: { decided: true } });
      expect(await fence.movedMarker(source, actor)).toMatchObject({ operationId: actor.operationId });
      expect(await fence.state(source)).toBe('armed');
      await expect(pair.run(source, 'CREATE TABLE outside (n int)')).rejects.toThrow(/permission denied/);
    });

    it('trap 25: lets go when its locks and a transaction of the tenant wait for each other, and takes them in the other order', async () => {
      const writer = new Client({ connectionString: pair.sourceServer.superuserUrl(source.database) });
      await writer.connect();
      const [written, item] = [`${source.schema}.written`, `${source.schema}.item`];
      const waits = `SELECT FROM pg_locks WHERE relation = '${item}'::regclass AND NOT granted`;
      let other: Promise<unknown> = Promise.resolve();
      before(locking, async () => {
        await writer.query(`BEGIN; INSERT INTO ${item} (name) VALUES ('in between')`);
        const crossing = async (): Promise<void> => {
          // Not by a program that is started for each look: the switch waits for tenths of a second alone.
          while ((await writer.query(waits)).rowCount === 0);
          await writer.query(`INSERT INTO ${written} VALUES (77); COMMIT`);
        };
        other = crossing();
      });
      const report = await switchNow({ lockTimeoutMs: 400 });
      await other;
      await writer.end();
      expect(report.attempts).toBe(1);
      expect(await pair.run(target, 'SELECT n FROM written')).toBe('77');
    });

    it('decides nothing when the target has no gate to open, or nothing comes back', async () => {
      await pair.targetServer.psql(`DELETE FROM berth.gate WHERE tenant_id = '${actor.tenantId}'`, target.database);
      await expect(switchNow()).rejects.toMatchObject({ code: 'fence-missing' });
      await gate.close(target, 2, actor);
      const blocker = new Client({ connectionString: pair.sourceServer.superuserUrl(source.database) });
      await blocker.connect();
      await blocker.query(`BEGIN; LOCK TABLE "${request.streams.reverse.name}".marker IN SHARE MODE`);
      await expect(switchNow({ attempts: 1 })).rejects.toMatchObject({ code: 'stream-stalled' });
      await blocker.query('COMMIT');
      await blocker.end();
      await nothingDecided();
    });

    it('lets nobody make a table between the last look and the pivot', async () => {
      before(pivot, async () => {
        await expect(pair.run(source, 'CREATE TABLE late (id int PRIMARY KEY)')).rejects.toThrow(/permission denied/);
      });
      await switchNow();
    });

    it('lets the tenant make tables again when nothing was decided', async () => {
      before(pivot, () => Promise.reject(new Error('cut off')));
      await expect(switchNow()).rejects.toThrow('cut off');
      await nothingDecided();
      await pair.run(source, 'CREATE TABLE later (id int PRIMARY KEY)');
    });

    it('gives writers back by the clock of the server when its process stands still', async () => {
      let waited = 0;
      before(pivot, async () => {
        const started = performance.now();
        await pair.run(source, `SET statement_timeout = '20s'; INSERT INTO item (name) VALUES ('waited')`);
        waited = performance.now() - started;
      });
      await expect(switchNow({ deadlineMs: 700 })).rejects.toMatchObject({
        code: 'database-unavailable',
        retry: 'backoff',
      });
      expect(waited).toBeLessThan(5_000);
      await nothingDecided();
    });

    it('asks for another comparison when a table was written anew after it, though it looks the same', async () => {
      const moment = (): Promise<string> =>
        withHeldMoment(connections, request.streams.forward, { lockTimeoutMs: 500 }, async ({ stamp }) => stamp);
      const stamp = await moment();
      await pair.run(source, `INSERT INTO item (name) VALUES ('one'); ANALYZE item`);
      await pair.sourceServer.psql(`VACUUM ${source.schema}.item`, source.database);
      expect(await moment()).toBe(stamp);
      await pair.run(source, 'ALTER TABLE item ALTER name TYPE varchar(9); ALTER TABLE item ALTER name TYPE text');
      await expect(switchNow({ stamp })).rejects.toMatchObject({ code: 'verification-stale' });
      const later = await moment();
      before(locking, async () => void (await pair.run(source, 'TRUNCATE item')));
      await expect(switchNow({ stamp: later })).rejects.toMatchObject({ code: 'verification-stale' });
      const compared = await moment();
      await pair.run(target, 'ALTER TABLE item ADD by_hand int');
      await expect(switchNow({ stamp: compared })).rejects.toMatchObject({ code: 'verification-stale' });
      await pair.run(target, 'ALTER TABLE item DROP by_hand');
      await nothingDecided();
      await switchNow({ stamp: await moment() });
    });

    it('compares nothing when a table was made anew and is in no publication', async () => {
      await pair.run(source, 'DROP TABLE item; CREATE TABLE item (id uuid PRIMARY KEY, name text)');
      const moment = withHeldMoment(connections, request.streams.forward, { lockTimeoutMs: 500 }, async () => 'taken');
      await expect(moment).rejects.toMatchObject({ code: 'schema-changed' });
    });

    it('stops for a table that was made anew and is in no publication', async () => {
      await pair.run(
        source,
        'DROP TABLE item; CREATE TABLE item (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text)',
      );
      await fence.prepare(source, 2, actor);
      await expect(switchNow()).rejects.toMatchObject({ code: 'schema-changed' });
      await nothingDecided();
    });

    it('stops for a table that leaves the publication while it switches', async () => {
      before(locking, async () => {
        await pair.sourceServer.psql(
          `ALTER PUBLICATION "${request.streams.forward.name}" DROP TABLE ${source.schema}.item`,
          source.database,
        );
      });
      await expect(switchNow()).rejects.toMatchObject({ code: 'verification-stale' });
      await nothingDecided();
      await expect(switchNow()).rejects.toMatchObject({ code: 'schema-changed' });
    });
  });
});
