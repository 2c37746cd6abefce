import { ClientTenants, TcpProxy } from '@berth/testing';
import { createTenants, type TenantEvent, type Tenants, type TenantsOptions } from './index.js';

describe('transactions', () => {
  let here: ClientTenants;
  let proxy: TcpProxy;
  const opened: Tenants[] = [];
  const events: TenantEvent[] = [];
  beforeAll(async () => {
    here = await ClientTenants.start();
    proxy = await TcpProxy.before(here.server);
    await here.add('acme', { port: proxy.port });
  });
  afterEach(async () => {
    proxy.refuses = false;
    await Promise.all(opened.splice(0).map((tenants) => tenants.close()));
    events.splice(0);
  });
  afterAll(async () => {
    await proxy?.close();
    await here?.stop();
  });

  const open = (options: Partial<TenantsOptions> = {}): Tenants => {
    const tenants = createTenants({ placement: here.source, onEvent: (event) => void events.push(event), ...options });
    opened.push(tenants);
    return tenants;
  };
  const insert = 'INSERT INTO item (name) VALUES ($1)';
  let count = 0;
  const fresh = () => `row ${String((count += 1))}`;
  const rows = async (name: string) =>
    Number(await here.psql(`SELECT count(*) FROM tenant_acme.item WHERE name = '${name}'`));
  const retries = () => events.filter(({ type }) => type === 'retried');

  describe.each(['before the server', 'after the server'] as const)('a COMMIT that is cut %s', (when) => {
    const committed = when === 'after the server';
    const cutCommit = () => (proxy.cut = { word: 'COMMIT', when });

    it('is reported as ambiguous, and not repeated', async () => {
      const tenants = open();
      const name = fresh();
      let runs = 0;
      const ended = tenants.withTransaction('acme', async (client) => {
        runs += 1;
        await client.query(insert, [name]);
        cutCommit();
      });
      await expect(ended).rejects.toMatchObject({ code: 'ambiguous-commit', tenantId: 'acme' });
      expect([runs, await rows(name)]).toEqual([1, committed ? 1 : 0]);
    });

    it('is settled by the probe of the caller: the row is there once', async () => {
      const tenants = open();
      const name = fresh();
      let runs = 0;
      const isCommitted = async (client: { query: (sql: string, values: string[]) => Promise<unknown> }) =>
        ((await client.query('SELECT FROM item WHERE name = $1', [name])) as { rowCount: number }).rowCount === 1;
      const result = await tenants.withTransaction(
        'acme',
        async (client) => {
          runs += 1;
          await client.query(insert, [name]);
          if (runs === 1) cutCommit();
          return `run ${String(runs)}`;
        },
        { isCommitted },
      );
      expect([result, runs, await rows(name)]).toEqual(committed ? ['run 1', 1, 1] : ['run 2', 2, 1]);
    });

    it.each([{ readOnly: true }, { idempotent: true }])('is repeated when that does no harm: %p', async (options) => {
      const tenants = open();
      let runs = 0;
      await tenants.withTransaction(
        'acme',
        async (client) => {
          await client.query('SELECT FROM item');
          if ((runs += 1) === 1) cutCommit();
        },
        options,
      );
      expect(runs).toBe(2);
    });
  });

  it('asks the probe only when the session that may still commit has ended', async () => {
    const tenants = open();
    const name = fresh();
    await here.psql(`
      CREATE FUNCTION tenant_acme.slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.7); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON tenant_acme.item DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.name = '${name}') EXECUTE FUNCTION tenant_acme.slow()`);
    const answers: boolean[] = [];
    let runs = 0;
    await tenants.withTransaction(
      'acme',
      async (client) => {
        if ((runs += 1) === 1) proxy.cut = { word: 'COMMIT', when: 'during the work' };
        await client.query(insert, [name]);
      },
      {
        isCommitted: async (client) => {
          const { rowCount } = await client.query('SELECT FROM item WHERE name = $1', [name]);
          answers.push(rowCount === 1);
          return rowCount === 1;
        },
      },
    );
    expect([runs, answers, await rows(name)]).toEqual([1, [true], 1]);
  });

  it('begins anew where the tenant is when it moves in between: no old row is read on', async () => {
    const tenants = open();
    const secret = here.secrets.get('acme')!;
    const generations: number[] = [];
    await tenants.withTransaction('acme', async (client) => {
      generations.push(client.generation);
      if (generations.length === 1) {
        here.publish('acme', { ...secret, generation: secret.generation + 1 });
        await tenants.refresh('acme');
      }
      await client.query('SELECT FROM item');
    });
    expect(generations).toEqual([secret.generation, secret.generation + 1]);
  });

  it('lost before its COMMIT is made again from its start', async () => {
    const tenants = open();
    const name = fresh();
    let runs = 0;
    await tenants.withTransaction('acme', async (client) => {
      await client.query(insert, [name]);
      if ((runs += 1) < 3) proxy.cutAll();
      await client.query('SELECT FROM item').catch((error: unknown) => {
        throw new Error('as a mapper wraps it', { cause: error });
      });
    });
    expect([runs, await rows(name)]).toEqual([3, 1]);
    expect(retries()).toMatchObject([{ reason: 'lost' }, { reason: 'lost' }]);
  });

  it('repeats a read, never a write, whose answer was lost', async () => {
    const tenants = open();
    const name = fresh();
    await tenants.query('acme', 'SELECT 1');
    proxy.cut = { word: 'INSERT', when: 'after the server' };
    await expect(tenants.query('acme', insert, [name])).rejects.toMatchObject({ code: 'ambiguous-commit' });
    expect(await rows(name)).toBe(1);
    proxy.cut = { word: 'SELECT', when: 'after the server' };
    expect((await tenants.query('acme', 'SELECT 2', [], { idempotent: true })).rowCount).toBe(1);
    expect(proxy.cut).toBeNull();
  });

  it('a session that the server ended while it was idle, or at work, is no error', async () => {
    const tenants = open();
    const name = fresh();
    for (let round = 0; round < 20; round += 1) {
      const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenant_acme__a'`;
      const [, written] = await Promise.all([
        here.psql(end),
        tenants.query('acme', `INSERT INTO item (name) SELECT $1 FROM pg_sleep(0.05)`, [`${name}.${String(round)}`]),
      ]);
      expect(written.rowCount).toBe(1);
    }
    expect(await here.psql(`SELECT count(*) FROM tenant_acme.item WHERE name LIKE '${name}.%'`)).toBe('20');
  });

  it('waits for a server that is away, and no longer than it was told', async () => {
    const patient = open();
    proxy.refuses = true;
    const waiting = patient.query('acme', 'SELECT 1');
    const hasty = open({ waits: { reconnectMs: 100 } });
    const away = { code: 'tenant-unreachable', message: expect.stringMatching(/127\.0\.0\.1:\d+ cannot be reached/) };
    await expect(hasty.query('acme', 'SELECT 1')).rejects.toMatchObject(away);
    proxy.refuses = false;
    expect((await waiting).rowCount).toBe(1);
  });

  it('repeats deadlocks and serialization failures', async () => {
    const tenants = open();
    const name = fresh();
    await here.psql(`INSERT INTO tenant_acme.item (name) VALUES ('${name}')`);
    const meet = { arrived: 0 };
    const increase = () =>
      tenants.withTransaction(
        'acme',
        async (client) => {
          await client.query('SELECT FROM item WHERE name LIKE $1', [`${name}%`]);
          meet.arrived += 1;
          while (meet.arrived < 2) await new Promise((resolve) => setImmediate(resolve));
          await client.query('UPDATE item SET name = name || $1 WHERE name LIKE $2', ['+', `${name}%`]);
        },
        { isolation: 'serializable' },
      );
    await Promise.all([increase(), increase()]);
    expect(await rows(`${name}++`)).toBe(1);
    expect(retries()).toMatchObject([{ reason: 'conflict' }]);
  });

  it('is rolled back when the work throws, and what the product did wrong is told, not repeated', async () => {
    const tenants = open();
    const name = fresh();
    const own = new Error('no stock');
    const misused = { code: 'transaction-misused' };
    const run = (work: (query: (sql: string) => Promise<unknown>) => Promise<unknown>) =>
      tenants.withTransaction('acme', async (client) => {
        await client.query(insert, [name]);
        await work((sql) => client.query(sql));
      });
    await expect(run(() => Promise.reject(own))).rejects.toBe(own);
    for (const sql of ['COMMIT', '/* so */ commit', 'BEGIN', 'rollback', 'END', "PREPARE TRANSACTION 'x'"]) {
      await expect(run((query) => query(sql))).rejects.toMatchObject(misused);
    }
    await expect(run((query) => query('COMMIT').catch(() => undefined))).rejects.toMatchObject(misused);
    await expect(run((query) => query('SELECT 1/0').catch(() => undefined))).rejects.toMatchObject(misused);
    await expect(run((query) => query('SELECT 1/0'))).rejects.toMatchObject({ code: '22012' });
    expect(await rows(name)).toBe(0);
    await run(async (query) => {
      await query('SAVEPOINT a');
      await query('SELECT 1/0').catch(() => undefined);
      await query('ROLLBACK TO SAVEPOINT a');
    });
    expect(await rows(name)).toBe(1);
    let kept: { query: (sql: string) => Promise<unknown> } | undefined;
    await tenants.withTransaction('acme', async (client) => (kept = client));
    await expect(kept?.query('SELECT 1')).rejects.toMatchObject(misused);
    await expect(tenants.query('acme', 'BEGIN')).rejects.toMatchObject(misused);
    await expect(tenants.query('acme', 'SELECT 1; SELECT 2')).rejects.toMatchObject({ code: '42601' });
    expect(retries()).toEqual([]);
  });
});
