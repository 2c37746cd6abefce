import { type Actor, type ComparisonReport, exchanged, type Place, streamsOf } from '@berth/domain';
import type { SwitchReport, SwitchRequest } from '@berth/ports';
import {
  clientTable,
  inTurn,
  postgresParts,
  startTenantClients,
  startTenantPair,
  type TenantAddress,
  type TenantClients,
  type TenantPair,
  whenAvailable,
} from '@berth/testing';
import { Client } from 'pg';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresOnlineCopy } from '../copy-online/postgres-online-copy.js';
import { PostgresTenantCopy } from '../copy/postgres-tenant-copy.js';
import { PostgresTenantFence } from '../fence/postgres-tenant-fence.js';
import { PostgresTenantGate } from '../gate/postgres-tenant-gate.js';
import { PostgresTenantReplication } from '../replication/postgres-tenant-replication.js';
import { PostgresTenantSwitch } from './postgres-tenant-switch.js';

const postgres = await postgresParts();
const work = { signal: new AbortController().signal, onProgress: () => undefined };
const limits = { deadlineMs: 2_000, lockTimeoutMs: 500, attempts: 20 };

const schema = `${clientTable};
  CREATE TABLE account (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
  INSERT INTO account (name) SELECT 'name ' || g FROM generate_series(1, 2000) g;
  CREATE SEQUENCE countdown INCREMENT -1 MAXVALUE 100 START 100;
  SELECT nextval('countdown'), nextval('countdown');
  CREATE SEQUENCE never_called;
  CREATE SEQUENCE cached CACHE 20;
  SELECT nextval('cached');`;

const timesOf = ({ times }: SwitchReport): string =>
  Object.entries<number>({ ...times })
    .map(([name, ms]) => `${name} ${ms.toFixed(1)}`)
    .join(', ');

interface Move {
  readonly source: Place;
  readonly target: Place;
  readonly actor: Actor;
  readonly request: SwitchRequest;
}

// To a newer one, too: the two ends of such a pair cannot filter either, and it goes back all the same.
const routes = [
  [15, 15],
  [16, 16],
  [18, 18],
  [15, 18],
] as const;

describe.each(inTurn(import.meta.url, routes))('switching a tenant at work from PostgreSQL %i to %i', (from, to) => {
  const major = `${String(from)} to ${String(to)}`;

  whenAvailable([postgres(from), postgres(to)], 'as it is', () => {
    let pair: TenantPair;
    let connections: ClusterConnections;
    let replication: PostgresTenantReplication;
    let fence: PostgresTenantFence;
    let gate: PostgresTenantGate;
    let switchover: PostgresTenantSwitch;
    let move: Move;
    let address: TenantAddress;
    let clients: TenantClients | undefined;
    let count = 0;

    beforeAll(async () => {
      const [source, target] = [from, to].map((version) => ({ major: version, replication: true }));
      pair = await startTenantPair({
        berthSchema: berthSchema.map(({ sql }) => sql),
        ...(source !== undefined && target !== undefined && { source, target }),
      });
      connections = new ClusterConnections(pair.directory);
      replication = new PostgresTenantReplication(connections);
      fence = new PostgresTenantFence(connections);
      gate = new PostgresTenantGate(connections);
      switchover = new PostgresTenantSwitch(connections);
    });
    afterAll(async () => {
      await connections?.close();
      await pair?.close();
    });
    beforeEach(async () => {
      count += 1;
      const { source, target, actor } = await pair.another(`switched-${String(count)}`);
      await pair.run(source, schema);
      address = { server: pair.sourceServer, place: source };
      clients = undefined;
      move = { source, target, actor, request: await bringUpToDate(source, target, actor) };
    });
    afterEach(async () => {
      await clients?.stop();
      const { forward, reverse } = move.request.streams;
      for (const stream of [forward, reverse]) {
        await replication.remove(stream, move.actor);
        expect(await replication.leftovers(stream)).toEqual([]);
      }
    });

    /** All that comes before the switch, as a move does it. */
    async function bringUpToDate(source: Place, target: Place, actor: Actor): Promise<SwitchRequest> {
      const programsFor = (wanted: number): Promise<string> => pair.programsFor(wanted);
      const byDump = new PostgresTenantCopy({ connections, dumpsFolder: pair.dumps, programsFor });
      const copy = new PostgresOnlineCopy({ connections, copy: byDump });
      const streams = streamsOf(source, target, 2);
      await copy.copyDefinitions(streams.forward, source.schema, actor, work);
      await replication.publish(streams.forward, {}, actor);
      await copy.copyRows(
        streams.forward,
        actor,
        { keepTimeoutMs: 20_000, lanes: 2, bytesPerSecond: null, yields: false },
        work,
      );
      await copy.finishDefinitions(streams.forward, source.schema, actor, work);
      await gate.close(target, 2, actor);
      await replication.follow(streams.forward, actor);
      await replication.publish(streams.reverse, {}, actor);
      await replication.keepChanges(streams.reverse, actor, { timeoutMs: 20_000 });
      await replication.follow(streams.reverse, actor, 'lead-back');
      await fence.prepare(source, 2, actor);
      await replication.awaitApplied(streams.forward, { timeoutMs: 60_000 });
      return { streams, generation: 2, stamp: null, fingerprint: await fence.fingerprint(source), ...limits };
    }

    const switchNow = async (request: SwitchRequest = move.request): Promise<SwitchReport> => {
      const report = await switchover.run(request, move.actor);
      address = { server: pair.targetServer, place: move.target };
      return report;
    };
    const frozen = (): Promise<ComparisonReport | null> => switchover.compareFrozen(move.request.streams.forward, work);
    const names = (place: Place): Promise<string> =>
      pair.run(place, 'SELECT count(*), md5(string_agg(name, $$ $$ ORDER BY id)) FROM account');
    /** What went round would meet itself. */
    const refuseErrors = async ({ streams }: SwitchRequest): Promise<void> => {
      for (const stream of [streams.forward, streams.reverse])
        expect(await replication.state(stream)).toMatchObject({ subscription: 'enabled', applyErrors: 0 });
    };
    const session = async (place: Place): Promise<Client> => {
      const server = place === move.source ? pair.sourceServer : pair.targetServer;
      const client = new Client({
        ...{ host: server.host, port: server.port, database: place.database },
        ...{ user: place.loginRoles.a, password: 'test' },
        options: `-c role=${place.ownerRole} -c search_path=${place.schema}`,
      });
      await client.connect();
      return client;
    };
    const written = async (place: Place): Promise<readonly number[]> =>
      JSON.parse(await pair.run(place, `SELECT coalesce(json_agg(n ORDER BY n), '[]') FROM written`)) as number[];
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) await new Promise((resolve) => setImmediate(resolve));
    };
    const more = async (rows: number): Promise<void> => {
      const before = clients?.acknowledged().length ?? 0;
      await until(() => (clients?.acknowledged().length ?? 0) >= before + rows);
    };

    it('trap 2: loses no acknowledged row and doubles none, and sends later ones back to the old place', async () => {
      clients = await startTenantClients(() => address, 8);
      await more(500);
      clients.longestGapMs();
      await pair.run(move.source, `UPDATE account SET name = 'at the old place' WHERE id < 100`);
      const report = await switchNow();
      // While the clients write on, under snapshots of the switch.
      const compared = await frozen();
      expect(compared).toMatchObject({ equal: true, differences: [] });
      expect(compared?.rows).toBeLessThan(2_000 + clients.acknowledged().length);
      await pair.run(move.target, `UPDATE account SET name = 'at the new place' WHERE id < 50`);
      await more(500);
      const gap = clients.longestGapMs();
      const { source, target, request, actor } = move;
      for (let turn = 0; turn < 2; turn += 1) await switchover.turn(request.streams, actor);
      await more(100);
      await clients.stop();
      expect(await written(target)).toEqual([...clients.acknowledged()].sort((left, right) => left - right));
      expect(report.sequences).toBe(5);
      expect(await fence.movedMarker(source, actor)).toMatchObject({ generation: 2, operationId: actor.operationId });
      expect(await fence.state(source)).toBe('armed');
      expect(await gate.state(target)).toBe('open');
      await replication.awaitApplied(request.streams.reverse, { timeoutMs: 60_000 });
      expect(await written(source)).toEqual(await written(target));
      expect(await names(source)).toBe(await names(target));
      await refuseErrors(request);
      process.stdout.write(
        `PostgreSQL ${major}: writers waited ${report.writePauseMs.toFixed(1)} ms (${timesOf(report)}), longest gap ${String(gap)} ms, ${String(clients.acknowledged().length)} rows, ${String(clients.moved())} repeats, ${String(report.attempts)} attempts\n`,
      );
      await gate.remove(target, actor);
      expect(await gate.state(target)).toBe('none');
    });

    it('trap 9: carries every kind of sequence', async () => {
      await switchNow();
      const next = `SELECT nextval('countdown'), nextval('never_called'), nextval('cached'), nextval('account_id_seq')`;
      expect(await pair.run(move.target, next)).toBe('98|1|21|2001');
    });

    it('leaves the tenant at work where it is when a long transaction holds a table', async () => {
      clients = await startTenantClients(() => address, 4);
      const holder = await session(move.source);
      await holder.query(`BEGIN; UPDATE account SET name = 'held' WHERE id = 1`);
      const request = { ...move.request, lockTimeoutMs: 100, attempts: 3 };
      await expect(switchNow(request)).rejects.toMatchObject({ code: 'lock-timeout', retry: 'wait' });
      expect(await fence.state(move.source)).toBe('prepared');
      expect(await gate.state(move.target)).toBe('closed');
      await more(100);
      await holder.query('COMMIT');
      await holder.end();
      await switchNow();
      expect(await frozen()).toMatchObject({ equal: true });
      await more(100);
      await clients.stop();
      expect(await written(move.target)).toEqual([...clients.acknowledged()].sort((left, right) => left - right));
    });

    it('stops for a definition that changed, whenever that was', async () => {
      await pair.run(move.source, 'ALTER TABLE account ADD COLUMN more int');
      await expect(switchNow()).rejects.toMatchObject({ code: 'schema-changed' });
      await pair.run(move.source, 'ALTER TABLE account DROP COLUMN more');
      // The same to look at, and yet not the table that was copied; the fingerprint counts what is there.
      await switchNow();
      expect(await frozen()).toMatchObject({ equal: true });
    });

    it('does not trust what it kept where a table was written anew since, or was dropped', async () => {
      await switchNow();
      await gate.remove(move.target, move.actor);
      await pair.run(move.target, 'TRUNCATE account');
      expect(await frozen()).toBeNull();
    });

    it('keeps nothing when the sessions that held it are ended', async () => {
      await switchNow();
      for (const server of [pair.sourceServer, pair.targetServer])
        await server.psql(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE '%pg_export_snapshot%'`,
        );
      expect(await frozen()).toBeNull();
    });

    it('trap 22: refuses a transaction that took its snapshot before, at the old place and at the new one', async () => {
      const [old, early] = [await session(move.source), await session(move.target)];
      for (const client of [old, early])
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM account LIMIT 1');
      await switchNow();
      for (const client of [old, early]) {
        await expect(client.query(`INSERT INTO account (name) VALUES ('late')`)).rejects.toMatchObject({
          code: '25006',
          detail: 'generation 2',
        });
        await client.end();
      }
      await pair.run(move.target, `INSERT INTO account (name) VALUES ('in time')`);
    });

    it('goes back as fast, with every acknowledged row, and refuses transactions that took their snapshot before', async () => {
      const { source, target, request } = move;
      clients = await startTenantClients(() => address, 8);
      await more(300);
      await switchNow();
      await more(300);
      await switchover.turn(request.streams, move.actor);
      // Its worker starts within some seconds.
      await replication.awaitApplied(request.streams.reverse, { timeoutMs: 60_000 });
      const back = { ...move.actor, operationId: 'op-back', fence: move.actor.fence + 1 };
      await gate.close(source, 3, back);
      await fence.remove(source, back);
      await fence.prepare(target, 3, back);
      const old = [await session(source), await session(target)];
      for (const client of old)
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM account LIMIT 1');
      const change = {
        streams: exchanged(request.streams),
        generation: 3,
        fingerprint: await fence.fingerprint(target),
      };
      clients.longestGapMs();
      const report = await switchover.run({ ...request, ...change }, back);
      address = { server: pair.sourceServer, place: source };
      await pair.run(source, `UPDATE account SET name = 'back' WHERE id < 50`);
      await switchover.turn(change.streams, back);
      await more(300);
      const gap = clients.longestGapMs();
      for (const client of old) {
        await expect(client.query(`INSERT INTO account (name) VALUES ('late')`)).rejects.toMatchObject({
          code: '25006',
          detail: 'generation 3',
        });
        await client.end();
      }
      await clients.stop();
      expect(await written(source)).toEqual([...clients.acknowledged()].sort((left, right) => left - right));
      expect(report).toMatchObject({ sequences: 5 });
      expect(await switchover.compareFrozen(change.streams.forward, work)).toMatchObject({ equal: true });
      await replication.awaitApplied(request.streams.forward, { timeoutMs: 60_000 });
      expect(await written(target)).toEqual(await written(source));
      expect(await names(target)).toBe(await names(source));
      await refuseErrors(request);
      process.stdout.write(
        `PostgreSQL ${major}, back: writers waited ${report.writePauseMs.toFixed(1)} ms (${timesOf(report)}), longest gap ${String(gap)} ms, ${String(clients.moved())} repeats, ${String(report.attempts)} attempts\n`,
      );
      move = { ...move, actor: back };
    });

    it('trap 3: keeps every acknowledged row when the target is killed right after it', async () => {
      clients = await startTenantClients(() => address, 4);
      await more(200);
      await switchNow();
      const acknowledged = [...clients.acknowledged()];
      await pair.targetServer.kill9();
      await clients.stop().catch(() => undefined);
      clients = undefined;
      await pair.targetServer.start();
      const there = new Set(await written(move.target));
      const lost = acknowledged.filter((n) => !there.has(n));
      expect(lost).toEqual([]);
    });
  });
});
