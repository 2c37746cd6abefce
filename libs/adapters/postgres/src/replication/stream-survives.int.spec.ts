import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Actor, type Place, type ReplicationStream, streamsOf } from '@berth/domain';
import { inTurn, postgresParts, startTenantPair, type TenantPair, whenAvailable } from '@berth/testing';
import { Client } from 'pg';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { dropSlot } from './slot.js';
import { PostgresTenantReplication } from './postgres-tenant-replication.js';

const postgres = await postgresParts();

describe.each(inTurn(import.meta.url, [15, 16, 18]))('a stream that is disturbed on PostgreSQL %i', (major) => {
  whenAvailable(postgres(major), 'as it is', () => {
    let pair: TenantPair;
    let connections: ClusterConnections;
    let replication: PostgresTenantReplication;
    let source: Place;
    let target: Place;
    let actor: Actor;
    let stream: ReplicationStream;
    let count = 0;

    beforeAll(async () => {
      const server = { major, replication: true };
      pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql), source: server, target: server });
      connections = new ClusterConnections(pair.directory);
      replication = new PostgresTenantReplication(connections);
    });
    afterAll(async () => {
      await connections?.close();
      await pair?.close();
    });
    beforeEach(async () => {
      count += 1;
      const made = await pair.another(`stream-${String(count)}`);
      ({ source, target, actor } = made);
      stream = streamsOf(source, target, 2).forward;
      for (const place of [source, target]) await pair.run(place, 'CREATE TABLE item (id int PRIMARY KEY, name text)');
    });
    afterEach(async () => {
      await replication.remove(stream, actor);
      expect(await replication.leftovers(stream)).toEqual([]);
    });

    const atSource = (sql: string): Promise<string> => pair.sourceServer.psql(sql, source.database);

    it('takes no slot for a kept one that a dead worker only began', async () => {
      await replication.publish(stream, {}, actor);
      const writer = new Client({ connectionString: pair.sourceServer.superuserUrl(source.database) });
      await writer.connect();
      await writer.query(`BEGIN; INSERT INTO ${source.schema}.item VALUES (1, 'open')`);
      const first = replication.keepChanges(stream, actor, { timeoutMs: 60_000 }).catch(() => 'ended');
      const pidQuery = `SELECT active_pid FROM pg_replication_slots WHERE slot_name = '${stream.name}'`;
      let begun = await atSource(pidQuery);
      while (begun === '') begun = await atSource(pidQuery);
      let kept = false;
      const second = replication.keepChanges(stream, actor, { timeoutMs: 60_000 }).then(() => (kept = true));
      let other = begun;
      while (!kept && (other === begun || other === '')) other = await atSource(pidQuery);
      expect(kept).toBe(false);
      await writer.query('COMMIT');
      await writer.end();
      await second;
      expect(await first).toBe('ended');
      expect(
        await atSource(
          `SELECT confirmed_flush_lsn IS NOT NULL FROM pg_replication_slots WHERE slot_name = '${stream.name}'`,
        ),
      ).toBe('t');
    });

    it('keeps no log at the source when the target is gone while it is removed', async () => {
      await replication.publish(stream, {}, actor);
      await replication.keepChanges(stream, actor, { timeoutMs: 20_000 });
      await replication.follow(stream, actor);
      await connections.closeCluster('cluster-target');
      await pair.targetServer.kill9();
      try {
        await expect(replication.remove(stream, actor)).rejects.toMatchObject({ code: 'cluster-unreachable' });
        expect(await atSource('SELECT count(*) FROM pg_replication_slots')).toBe('0');
        expect(await atSource(`SELECT count(*) FROM pg_publication WHERE pubname = '${stream.name}'`)).toBe('0');
      } finally {
        await pair.targetServer.start();
      }
    });

    it('leaves no password that opens anything when the target did not take it', async () => {
      await replication.publish(stream, {}, actor);
      const password = `SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = '${stream.name}'`;
      await replication.keepChanges(stream, actor, { timeoutMs: 20_000 });
      await atSource(`ALTER ROLE ${stream.name} NOLOGIN`);
      await expect(replication.follow(stream, actor)).rejects.toThrow();
      expect(await atSource(password)).toBe('f');
      await atSource(`ALTER ROLE ${stream.name} LOGIN`);
      await replication.follow(stream, actor);
      expect(await atSource(password)).toBe('t');
    });

    it('leaves its password in no log, however the servers log', async () => {
      const servers = [pair.sourceServer, pair.targetServer];
      const logAll = { log_statement: "'all'", log_min_duration_statement: '0', log_min_error_statement: "'error'" };
      for (const server of servers) {
        for (const [name, value] of Object.entries(logAll)) await server.psql(`ALTER SYSTEM SET ${name} = ${value}`);
        await server.psql('SELECT pg_reload_conf()');
      }
      const passwords = new Set<string>();
      const remember = async (): Promise<void> => {
        const held = `SELECT substring(subconninfo FROM 'password=([0-9a-f]+)') FROM pg_subscription WHERE subname = '${stream.name}'`;
        passwords.add(await pair.targetServer.psql(held, target.database));
      };
      try {
        await replication.publish(stream, {}, actor);
        await replication.keepChanges(stream, actor, { timeoutMs: 20_000 });
        await atSource(`ALTER ROLE ${stream.name} NOLOGIN`);
        await expect(replication.follow(stream, actor)).rejects.toThrow();
        await atSource(`ALTER ROLE ${stream.name} LOGIN`);
        await replication.follow(stream, actor);
        await remember();
        // A worker that comes after another one gives the subscription a new one.
        await replication.follow(stream, actor);
        await remember();
      } finally {
        for (const server of servers) {
          for (const name of Object.keys(logAll)) await server.psql(`ALTER SYSTEM RESET ${name}`);
          await server.psql('SELECT pg_reload_conf()');
        }
      }
      const logs = await Promise.all(
        servers.map(async (server) => {
          const data = await server.psql('SHOW data_directory');
          return await readFile(path.join(path.dirname(data), 'log'), 'utf8');
        }),
      );
      expect([...passwords]).toEqual([
        expect.stringMatching(/^[0-9a-f]{64}$/),
        expect.stringMatching(/^[0-9a-f]{64}$/),
      ]);
      // It was logged that the one was refused, and what the other was made by; of the password that failed, only the form is known.
      expect(logs[1]).toMatch(/is not permitted to log in/);
      expect(logs[1]).toMatch(/CREATE SUBSCRIPTION/);
      for (const log of logs) {
        expect(log.match(/\b[0-9a-f]{64}\b/g)).toBeNull();
        for (const password of passwords) expect(log).not.toContain(password);
      }
    });

    it('says beforehand where an extension keeps the statements that a block runs', async () => {
      const codes = async () => (await replication.preflight(stream, {}, 'both')).map(({ code }) => code);
      expect(await codes()).not.toContain('statements-kept');
      for (const [name, value] of [
        ['pgaudit.log', 'ddl'],
        ['pg_stat_statements.track', 'all'],
      ]) {
        await pair.targetServer.psql(`ALTER DATABASE ${target.database} SET ${name} = '${value}'`);
        await connections.closeCluster('cluster-target');
        expect(await codes()).toContain('statements-kept');
        await pair.targetServer.psql(`ALTER DATABASE ${target.database} RESET ${name}`);
        await connections.closeCluster('cluster-target');
      }
    });

    it('takes no key with a generated column for one that tells rows apart', async () => {
      const computed = 'CREATE TABLE computed (a int, b int GENERATED ALWAYS AS (a * 2) STORED PRIMARY KEY)';
      await pair.run(source, computed);
      const findings = await replication.preflight(stream, {}, 'from');
      expect(findings).toContainEqual(expect.objectContaining({ code: 'no-identity' }));
    });

    it('finds rows by all columns only where every type has an equality', async () => {
      for (const place of [source, target])
        await pair.run(
          place,
          `CREATE DOMAIN note AS json; CREATE TYPE pair AS (a int, b point); CREATE TYPE mood AS ENUM ('fine');
           CREATE TABLE odd (j json[], n note, p pair, x xml, fit int, made int GENERATED ALWAYS AS (fit * 2) STORED);
           CREATE TABLE even (v varchar(9)[], m mood, c cidr, r int4range, i inet, b jsonb, d date, n numeric)`,
        );
      const full = await replication.preflight(stream, { odd: 'full', even: 'full' }, 'from');
      expect(full.filter(({ code }) => code === 'identity-unfit')).toEqual([
        expect.objectContaining({ message: expect.stringMatching(/^By j, made, n, p, x of odd no row can be found/) }),
      ]);
      const none = await replication.preflight(stream, {}, 'from');
      expect(none.map(({ remedy }) => remedy)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^For odd choose a move by dump\./),
          expect.stringMatching(/^For even choose full, or a move by dump\./),
        ]),
      );
      await pair.run(source, 'DROP TABLE odd');
      await replication.publish(stream, { even: 'full' }, actor);
      await replication.keepChanges(stream, actor, { timeoutMs: 20_000 });
      await replication.follow(stream, actor);
      await pair.run(source, `INSERT INTO even (v, m, c) VALUES ('{a,NULL}', 'fine', '10.0.0.0/8')`);
      await pair.run(source, `UPDATE even SET d = '2026-01-01', n = 1.50; UPDATE even SET n = 2`);
      await replication.awaitApplied(stream, { timeoutMs: 20_000 });
      const look = `SELECT d, n FROM ${source.schema}.even`;
      expect(await pair.targetServer.psql(look, target.database)).toBe('2026-01-01|2');
    });

    it('keeps its slot when a worker that was stopped wakes up and would drop it', async () => {
      await replication.publish(stream, {}, actor);
      await replication.keepChanges(stream, { ...actor, fence: actor.fence + 1 }, { timeoutMs: 20_000 });
      await expect(dropSlot(connections, stream, actor)).rejects.toMatchObject({ code: 'lease-lost' });
      expect(await replication.state(stream)).toMatchObject({ slot: 'idle' });
      actor = { ...actor, fence: actor.fence + 1 };
    });

    it('trap 12: is lost, and says so, once the server has thrown away what was kept', async () => {
      await replication.publish(stream, {}, actor);
      await replication.keepChanges(stream, actor, { timeoutMs: 20_000 });
      await pair.sourceServer.psql(`ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'`);
      await pair.sourceServer.psql('SELECT pg_reload_conf()');
      try {
        const findings = await replication.preflight(stream, {}, 'from');
        expect(findings).toContainEqual(expect.objectContaining({ code: 'log-thrown-away', severity: 'warning' }));
        const fill = `SELECT pg_logical_emit_message(false, 'fill', repeat('x', 1000000)) FROM generate_series(1, 20)`;
        while ((await replication.state(stream)).slot !== 'lost')
          for (const sql of [fill, 'SELECT pg_switch_wal()', 'CHECKPOINT']) await atSource(sql);
        await expect(replication.awaitApplied(stream, { timeoutMs: 100 })).rejects.toMatchObject({
          code: 'stream-lost',
        });
      } finally {
        await pair.sourceServer.psql('ALTER SYSTEM RESET max_slot_wal_keep_size');
        await pair.sourceServer.psql('SELECT pg_reload_conf()');
      }
    });

    it('trap 18: is known to have caught up while neighbours write without end, and while the tenant rests', async () => {
      await replication.publish(stream, {}, actor);
      await replication.keepChanges(stream, actor, { timeoutMs: 20_000 });
      await replication.follow(stream, actor);
      await atSource('CREATE TABLE IF NOT EXISTS public.neighbour (n int)');
      const neighbour = new Client({ connectionString: pair.sourceServer.superuserUrl(source.database) });
      await neighbour.connect();
      let stopping = false;
      const writing = (async () => {
        while (!stopping) await neighbour.query('INSERT INTO public.neighbour SELECT generate_series(1, 100)');
      })();
      for (let turn = 0; turn < 5; turn += 1) await replication.awaitApplied(stream, { timeoutMs: 20_000 });
      stopping = true;
      await writing;
      await neighbour.end();
      await replication.awaitApplied(stream, { timeoutMs: 20_000 });
    });

    it('is refused before it begins where other moves have taken the last slots', async () => {
      const free = `SELECT current_setting('max_replication_slots')::int - count(*) FROM pg_replication_slots`;
      const taken = Number(await atSource(free)) - 1;
      const others = Array.from({ length: taken }, (_, index) => `other_move_${String(index)}`);
      for (const name of others) await atSource(`SELECT pg_create_physical_replication_slot('${name}')`);
      try {
        expect(await replication.preflight(stream, {}, 'from')).toContainEqual(
          expect.objectContaining({ code: 'replication-slots', severity: 'error' }),
        );
      } finally {
        for (const name of others) await atSource(`SELECT pg_drop_replication_slot('${name}')`);
      }
    });

    it('gets its right from the role that stands for it on Amazon RDS, where there is one', async () => {
      const admin = pair.sourceServer.admin.user;
      await pair.sourceServer.psql(
        `CREATE ROLE rds_replication; GRANT rds_replication TO ${admin} WITH ADMIN OPTION; ALTER ROLE ${admin} NOREPLICATION`,
      );
      try {
        const codes = (await replication.preflight(stream, {}, 'from')).map(({ code }) => code);
        expect(codes).not.toContain('replication-right');
        await replication.publish(stream, {}, actor);
        const rights = `SELECT rolreplication, pg_has_role(oid, 'rds_replication', 'USAGE') FROM pg_roles WHERE rolname = '${stream.name}'`;
        expect(await atSource(rights)).toBe('f|t');
      } finally {
        await pair.sourceServer.psql(`ALTER ROLE ${admin} REPLICATION`);
        await replication.remove(stream, actor);
        await pair.sourceServer.psql('DROP ROLE rds_replication');
      }
    });
  });
});
