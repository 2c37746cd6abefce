import type { Actor, Place } from '@berth/domain';
import { startTenantPair, type TenantPair } from '@berth/testing';
import { Client } from 'pg';
import { berthSchema } from '../connection/berth-schema.js';
import { ClusterConnections } from '../connection/index.js';
import { PostgresTenantFence } from './postgres-tenant-fence.js';

const tables = `
  CREATE TABLE t (id int PRIMARY KEY, v text);
  INSERT INTO t VALUES (1, 'one');
  CREATE TABLE child (extra int) INHERITS (t);
  CREATE TABLE part (id int, at date) PARTITION BY RANGE (at);
  CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY HASH (id);
  CREATE TABLE part_1_0 PARTITION OF part_1 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
  CREATE TABLE parent (id int PRIMARY KEY);
  CREATE TABLE ref (id int REFERENCES parent ON DELETE CASCADE);
  CREATE TABLE "Odd ""name""" (id int);
  CREATE VIEW v AS SELECT id, v FROM t;
  CREATE FUNCTION put() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ INSERT INTO t VALUES (77, 'definer') $$;
  CREATE FUNCTION catches() RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t VALUES (78); RETURN 'written';
    EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;`;

const writes: readonly (readonly [string, string])[] = [
  ['INSERT', `INSERT INTO t VALUES (2, 'two')`],
  ['UPDATE', `UPDATE t SET v = 'x'`],
  ['UPDATE of no row', `UPDATE t SET v = 'x' WHERE false`],
  ['DELETE', 'DELETE FROM ONLY t'],
  ['TRUNCATE', 'TRUNCATE t CASCADE'],
  ['MERGE', `MERGE INTO t USING (VALUES (1)) n (id) ON t.id = n.id WHEN MATCHED THEN UPDATE SET v = 'm'`],
  ['INSERT ON CONFLICT', `INSERT INTO t VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET v = 'c'`],
  ['COPY', `COPY t FROM PROGRAM 'echo 9'`],
  ['a writable CTE', `WITH w AS (INSERT INTO t VALUES (3) RETURNING id) SELECT * FROM w`],
  ['a view', `INSERT INTO v VALUES (4, 'view')`],
  ['a SECURITY DEFINER function', 'SELECT put()'],
  ['an heir', 'INSERT INTO child VALUES (5)'],
  ['the parent of an heir', 'DELETE FROM t'],
  ['a partitioned table', `INSERT INTO part VALUES (1, '2024-05-05')`],
  ['a partition', `INSERT INTO part_1 VALUES (1, '2024-05-05')`],
  ['a partition of a partition', `INSERT INTO part_1_0 VALUES (1, '2024-05-05')`],
  ['a cascade', 'DELETE FROM parent'],
  ['a quoted name', 'INSERT INTO "Odd ""name""" VALUES (1)'],
];

describe('the fence of a tenant in PostgreSQL', () => {
  let pair: TenantPair;
  let connections: ClusterConnections;
  let fence: PostgresTenantFence;
  let place: Place;
  let actor: Actor;
  let count = 0;

  beforeAll(async () => {
    pair = await startTenantPair({ berthSchema: berthSchema.map(({ sql }) => sql) });
    connections = new ClusterConnections(pair.directory);
    fence = new PostgresTenantFence(connections);
  });
  afterAll(async () => {
    await connections?.close();
    await pair?.close();
  });
  beforeEach(async () => {
    count += 1;
    const made = await pair.another(`fenced-${String(count)}`);
    [place, actor] = [made.source, made.actor];
    await pair.run(place, tables);
  });

  const arm = (lockTimeoutMs = 1000): Promise<void> => fence.arm(place, 7, actor, { lockTimeoutMs });
  const markMoved = async (): Promise<void> =>
    fence.markMoved(place, { generation: 7, fingerprint: await fence.fingerprint(place) }, actor);

  /** A session of the tenant's own login, as its product would have. */
  async function withTenant<T>(fn: (client: Client) => Promise<T>): Promise<T> {
    const { host, port } = pair.sourceServer;
    const login = { user: place.loginRoles.a, password: 'test', database: place.database };
    const options = `-c role=${place.ownerRole} -c search_path=${place.schema}`;
    const client = new Client({ host, port, ...login, options });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await fn(client);
    } finally {
      await client.end();
    }
  }

  async function until(condition: string): Promise<void> {
    while ((await pair.sourceServer.psql(condition, place.database)) !== 't');
  }

  it('trap 8: refuses every kind of write with 25006 and the generation, and lets reads through', async () => {
    await arm();
    // COPY FROM PROGRAM needs a superuser: the fence refuses even that one.
    const session = new Client({ connectionString: pair.sourceServer.superuserUrl(place.database) });
    await session.connect();
    try {
      await session.query(`SET search_path = ${place.schema}`);
      for (const [name, sql] of writes) {
        const error = await session.query(sql).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect({ name, error }).toMatchObject({
          error: { code: '25006', message: 'tenant moved', detail: 'generation 7' },
        });
      }
      expect((await session.query('SELECT catches() AS state')).rows).toEqual([{ state: '25006' }]);
      expect((await session.query('SELECT * FROM t')).rows).toEqual([{ id: 1, v: 'one' }]);
    } finally {
      await session.end();
    }
  });

  it('refuses each of these writes in no other state', async () => {
    await fence.prepare(place, 7, actor);
    expect(await fence.state(place)).toBe('prepared');
    for (const [, sql] of writes.filter(([name]) => name !== 'COPY')) await withTenant((client) => client.query(sql));
    await withTenant((client) => client.query('CREATE TABLE made_meanwhile (id int)'));
    await arm();
    expect(await fence.state(place)).toBe('armed');
    await withTenant((client) =>
      expect(client.query('INSERT INTO made_meanwhile VALUES (1)')).rejects.toMatchObject({ code: '25006' }),
    );
    await fence.remove(place, actor);
    await fence.remove(place, actor);
    expect(await fence.state(place)).toBe('open');
    await withTenant((client) => client.query('CREATE TABLE after_it (id int); INSERT INTO t VALUES (50)'));
  });

  it('never refuses a write while it is prepared', async () => {
    let refused = 0;
    let written = 0;
    let stop = false;
    const writers = Array.from({ length: 4 }, () =>
      withTenant(async (client) => {
        while (!stop) {
          await client.query(`UPDATE t SET v = 'w' WHERE id = 1`).then(
            () => (written += 1),
            () => (refused += 1),
          );
        }
      }),
    );
    for (let round = 0; round < 10; round += 1) {
      await fence.prepare(place, round, actor);
      await fence.remove(place, actor);
    }
    stop = true;
    await Promise.all(writers);
    expect(refused).toBe(0);
    expect(written).toBeGreaterThan(10);
  });

  it.each(['REPEATABLE READ', 'SERIALIZABLE'])(
    'refuses a %s transaction that took its snapshot before',
    async (isolation) => {
      await withTenant(async (client) => {
        await client.query(`BEGIN ISOLATION LEVEL ${isolation}; SELECT FROM t`);
        // A reader's ACCESS SHARE lock does not stop the fence from being armed.
        await arm();
        await expect(client.query(`UPDATE t SET v = 'late' WHERE id = 1`)).rejects.toMatchObject({ code: '25006' });
      });
    },
  );

  it('waits for a writer, loses none of its rows, and changes nothing when it takes too long', async () => {
    await withTenant(async (client) => {
      await client.query(`BEGIN; INSERT INTO t VALUES (60, 'in flight')`);
      await expect(arm(150)).rejects.toMatchObject({ code: 'lock-timeout' });
      expect(await fence.state(place)).toBe('open');
      await withTenant((other) => other.query('CREATE TABLE still_allowed (id int)'));
      const armed = arm(5_000);
      await until(`SELECT NOT has_schema_privilege('${place.ownerRole}', '${place.schema}', 'CREATE')`);
      await withTenant((other) => other.query('INSERT INTO "Odd ""name""" VALUES (2)'));
      await client.query('COMMIT');
      await armed;
    });
    expect(await pair.run(place, 'SELECT id FROM ONLY t ORDER BY id')).toBe('1\n60');
  });

  it('lets writers go on at once when it is removed, even while a reader keeps the triggers from being dropped', async () => {
    await arm();
    await withTenant(async (reader) => {
      await reader.query('BEGIN; SELECT FROM t');
      await expect(fence.remove(place, actor)).rejects.toMatchObject({ code: 'lock-timeout', retry: 'wait' });
      expect(await fence.state(place)).toBe('prepared');
      await withTenant((writer) => writer.query('INSERT INTO t VALUES (61)'));
      await reader.query('COMMIT');
    });
    await fence.remove(place, actor);
    expect(await fence.state(place)).toBe('open');
  });

  it('finds a table that a transaction made before and commits after', async () => {
    await withTenant(async (client) => {
      await client.query('BEGIN; CREATE TABLE hidden (id int)');
      await expect(arm(150)).rejects.toMatchObject({ code: 'lock-timeout' });
      const armed = arm(5_000);
      await until(`SELECT NOT has_schema_privilege('${place.ownerRole}', '${place.schema}', 'CREATE')`);
      await client.query('COMMIT');
      await armed;
      await expect(client.query('INSERT INTO hidden VALUES (1)')).rejects.toMatchObject({ code: '25006' });
    });
  });

  it('takes the right to make tables away while it is armed', async () => {
    await arm();
    for (const sql of [
      'CREATE TABLE outside (id int)',
      'CREATE TABLE outside AS SELECT 1',
      'SELECT 1 AS a INTO outside',
    ]) {
      await withTenant((client) => expect(client.query(sql)).rejects.toMatchObject({ code: '42501' }));
    }
  });

  it('marks the move once, and keeps the fence from then on', async () => {
    await arm();
    expect(await fence.movedMarker(place, actor)).toBeNull();
    await markMoved();
    await markMoved();
    expect(await fence.movedMarker(place, actor)).toMatchObject({ generation: 7, operationId: actor.operationId });
    await expect(fence.remove(place, actor)).rejects.toMatchObject({ code: 'past-point-of-no-return' });
    await expect(
      fence.markMoved(
        place,
        { generation: 7, fingerprint: await fence.fingerprint(place) },
        { ...actor, operationId: 'other' },
      ),
    ).rejects.toMatchObject({ code: 'placement-conflict' });
    await fence.clearMarker(place, actor);
    await fence.clearMarker(place, actor);
    await fence.remove(place, actor);
    expect(await fence.state(place)).toBe('open');
  });

  it.each([
    ['dropped', `DROP TRIGGER berth_fence ON t`],
    ['disabled', `ALTER TABLE t DISABLE TRIGGER berth_fence`],
    ['enabled for replication only', `ALTER TABLE t ENABLE REPLICA TRIGGER berth_fence`],
    [
      'replaced',
      `GRANT CREATE ON SCHEMA %s TO %s; CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      REVOKE CREATE ON SCHEMA %s FROM %s; DROP TRIGGER berth_fence ON t;
      CREATE TRIGGER berth_fence BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON t EXECUTE FUNCTION mine('7')`,
    ],
    [
      'on all but a new table',
      `GRANT CREATE ON SCHEMA %s TO %s; CREATE TABLE outside (id int); REVOKE CREATE ON SCHEMA %s FROM %s`,
    ],
    ['circumvented by the right to create', 'GRANT CREATE ON SCHEMA %s TO %s'],
  ])('refuses to mark a move when the fence was %s by the owner', async (_name, sql) => {
    await arm();
    let turn = 0;
    await pair.run(
      place,
      sql.replaceAll('%s', () => ((turn += 1) % 2 === 1 ? place.schema : place.ownerRole)),
    );
    await expect(markMoved()).rejects.toMatchObject({ code: 'fence-missing' });
    expect(await fence.movedMarker(place, actor)).toBeNull();
  });

  it('refuses to mark a move when the definition changed', async () => {
    const fingerprint = await fence.fingerprint(place);
    await arm();
    await pair.run(place, `ALTER TABLE t ALTER v SET DEFAULT 'new'`);
    await expect(fence.markMoved(place, { generation: 7, fingerprint }, actor)).rejects.toMatchObject({
      code: 'schema-changed',
    });
  });

  it('arms a fence of another generation anew, and an armed one again', async () => {
    await fence.prepare(place, 3, actor);
    await arm();
    await arm();
    await withTenant((client) =>
      expect(client.query('DELETE FROM t')).rejects.toMatchObject({ detail: 'generation 7' }),
    );
    expect(await fence.state(place)).toBe('armed');
  });

  it('refuses an actor whose lease was taken over', async () => {
    await fence.prepare(place, 7, { ...actor, fence: 5 });
    await expect(fence.arm(place, 7, { ...actor, fence: 4 }, { lockTimeoutMs: 1000 })).rejects.toMatchObject({
      code: 'lease-lost',
    });
    await expect(fence.remove(place, { ...actor, fence: 4 })).rejects.toMatchObject({ code: 'lease-lost' });
  });

  it('keeps the tenant out of its function and its schema', async () => {
    await arm();
    await withTenant(async (client) => {
      await expect(client.query('SELECT * FROM berth.moved')).rejects.toMatchObject({ code: '42501' });
      await expect(client.query('DROP FUNCTION berth.refuse_write() CASCADE')).rejects.toMatchObject({ code: '42501' });
      await expect(client.query(`SET session_replication_role = replica`)).rejects.toMatchObject({ code: '42501' });
    });
  });
});
