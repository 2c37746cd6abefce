import { type Actor, type Place, type ReplicationStream, streamsOf } from '@berth/domain';
import { inTurn, postgresParts, startTenantPair, type TenantPair, whenAvailable } from '@berth/testing';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantReplication } from './postgres-tenant-replication.js';

const postgres = await postgresParts();

/** What each write of a client does here it must do once, and not again when it comes to the other end. */
const schema = `
  CREATE TABLE item (id int PRIMARY KEY, name text);
  CREATE TABLE seen (id bigserial PRIMARY KEY, what text);
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN INSERT INTO seen (what) VALUES (TG_NAME || ' ' || NEW.id); RETURN NEW; END $$;
  CREATE TRIGGER "Always" AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER replica AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION note();
  CREATE TRIGGER other AFTER INSERT ON item FOR EACH ROW WHEN (NEW.id < 0) EXECUTE FUNCTION note();
  ALTER TABLE item ENABLE ALWAYS TRIGGER "Always", ENABLE REPLICA TRIGGER replica, ENABLE ALWAYS TRIGGER other;
  CREATE TABLE guarded (id int PRIMARY KEY, who text);
  ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
  CREATE POLICY own ON guarded USING (who = current_setting('app.who', true));
`;
const modes = `SELECT string_agg(tgname || ' ' || tgenabled::text, ', ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'item'::regclass`;
const firing = 'Always A, other A, replica R';
const quiet = 'Always O, other O, replica D';

describe.each(inTurn(import.meta.url, [16, 18]))('what a stream brings on PostgreSQL %i', (major) => {
  whenAvailable(postgres(major), 'to triggers and policies of the tenant', () => {
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
      ({ source, target, actor } = await pair.another(`once-${String(count)}`));
      stream = streamsOf(source, target, 2).forward;
      for (const place of [source, target]) await pair.run(place, schema);
    });
    afterEach(async () => {
      await replication.remove(stream, actor);
      expect(await replication.leftovers(stream)).toEqual([]);
    });

    const begin = async (): Promise<void> => {
      await replication.publish(stream, {}, actor);
      await replication.keepChanges(stream, actor, { timeoutMs: 20_000 });
      await replication.follow(stream, actor);
    };
    const passPolicies = async (may: boolean): Promise<void> => {
      for (const server of [pair.sourceServer, pair.targetServer])
        await server.psql(`ALTER ROLE ${server.admin.user} ${may ? '' : 'NO'}BYPASSRLS`);
    };

    it('fires no trigger a second time, and each is as it was when the stream is gone', async () => {
      await begin();
      await pair.run(source, 'INSERT INTO item SELECT generate_series(1, 3)');
      await replication.awaitApplied(stream, { timeoutMs: 20_000 });
      const seen = `SELECT string_agg(what, ', ' ORDER BY id) FROM seen`;
      expect(await pair.run(target, seen)).toBe('Always 1, Always 2, Always 3');
      expect(await pair.run(target, modes)).toBe(quiet);
      expect(await replication.leftovers(stream)).toContainEqual(expect.stringMatching(/3 triggers are still quiet/));
      expect(await new PostgresTenantComparison(connections).compareDefinitions(source, target)).toEqual([]);
      await replication.remove(stream, actor);
      expect(await pair.run(target, modes)).toBe(firing);
    });

    it('is told of before it begins', async () => {
      expect(await replication.preflight(stream, {})).toContainEqual(
        expect.objectContaining({ code: 'always-trigger', severity: 'info' }),
      );
    });

    it('has them as they were while it pauses, for whoever dumps them then', async () => {
      await begin();
      for (let turn = 0; turn < 2; turn += 1) await replication.pause(stream, actor);
      expect(await pair.run(target, modes)).toBe(firing);
      await replication.follow(stream, actor);
      expect(await pair.run(target, modes)).toBe(quiet);
      await pair.run(source, 'INSERT INTO item VALUES (4)');
      await replication.awaitApplied(stream, { timeoutMs: 20_000 });
      expect(await pair.run(target, 'SELECT string_agg(what, $$, $$) FROM seen')).toBe('Always 4');
    });

    it('leaves alone what the tenant changed meanwhile, and finds that it did', async () => {
      await begin();
      await pair.run(target, 'ALTER TABLE item DISABLE TRIGGER "Always"; DROP TRIGGER other ON item');
      const found = await new PostgresTenantComparison(connections).compareDefinitions(source, target);
      expect(found.map(({ object }) => object).sort()).toEqual(['item.Always', 'item.other']);
      await replication.remove(stream, actor);
      expect(await pair.run(target, modes)).toBe('Always D, replica R');
    });

    it('is refused before it begins where policies count for the owner and the admin cannot pass them over', async () => {
      const found = async (): Promise<readonly unknown[]> =>
        (await replication.preflight(stream, {})).filter(({ code }) => code === 'forced-row-security');
      expect(await found()).toEqual([]);
      await pair.run(source, 'ALTER TABLE guarded FORCE ROW LEVEL SECURITY');
      const message = expect.stringMatching(/no BYPASSRLS on cluster-source and cluster-target/) as string;
      expect(await found()).toEqual([expect.objectContaining({ severity: 'error', message })]);
    });

    it('passes policies over that count for the owner too, and that go on to count for the tenant', async () => {
      await passPolicies(true);
      try {
        for (const place of [source, target])
          await pair.run(place, 'ALTER TABLE guarded FORCE ROW LEVEL SECURITY; ALTER TABLE item DISABLE TRIGGER ALL');
        expect((await replication.preflight(stream, {})).filter(({ severity }) => severity === 'error')).toEqual([]);
        await begin();
        await pair.run(source, `SET app.who = 'ada'; INSERT INTO guarded VALUES (1, 'ada'), (2, 'ada')`);
        await pair.run(
          source,
          `SET app.who = 'ada'; UPDATE guarded SET id = 3 WHERE id = 2; DELETE FROM guarded WHERE id = 1`,
        );
        await replication.awaitApplied(stream, { timeoutMs: 20_000 });
        const rows = 'SELECT string_agg(id || who, $$,$$) FROM guarded';
        expect(await pair.run(target, rows)).toBe('');
        expect(await pair.run(target, `SET app.who = 'ada'; ${rows}`)).toBe('3ada');
      } finally {
        await passPolicies(false);
      }
    });
  });
});
