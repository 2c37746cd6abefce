import { setTimeout as later } from 'node:timers/promises';
import { ClientTenants } from '@berth/testing';
import { trace } from '@opentelemetry/api';
import {
  createTenants,
  currentTenant,
  type TenantEvent,
  type Tenants,
  type TenantsOptions,
  type Tracer,
} from './index.js';

describe('tenants of one server', () => {
  let here: ClientTenants;
  const opened: Tenants[] = [];
  beforeAll(async () => {
    here = await ClientTenants.start();
    for (const id of ['acme', 'bolt', 'coil', 'dune']) await here.add(id);
  });
  afterEach(() => Promise.all(opened.splice(0).map((tenants) => tenants.close())));
  afterAll(() => here.stop());

  const open = (options: Partial<TenantsOptions> = {}): Tenants => {
    const tenants = createTenants({ placement: here.source, ...options });
    opened.push(tenants);
    return tenants;
  };
  const nameOf = 'SELECT name FROM item WHERE id = 1';
  const until = async (condition: () => boolean | Promise<boolean>) => {
    for (let tries = 0; !(await condition()); tries += 1) {
      if (tries > 500) throw new Error('it did not come true');
      await later(10);
    }
  };

  it('keeps tenants apart across awaits, 1,000 times interleaved', async () => {
    const tenants = open({ pools: { connections: 3 } });
    const seen = await Promise.all(
      Array.from({ length: 1_000 }, (_, round) => {
        const id = round % 2 === 0 ? 'acme' : 'bolt';
        return tenants.run(id, async () => {
          await later(round % 7);
          const { rows } = await currentTenant().query<{ name: string }>(nameOf);
          await later(round % 3);
          const again = await currentTenant().withTransaction((client) => client.query<{ name: string }>(nameOf));
          return [id, rows[0]?.name, again.rows[0]?.name, currentTenant().id];
        });
      }),
    );
    expect(seen.filter(([id, ...names]) => names.some((name) => name !== id))).toEqual([]);
    expect(seen).toHaveLength(1_000);
    expect(() => currentTenant()).toThrow(/outside of tenants.run/);
  });

  it('never opens more connections than it may, whoever asks, and gives everybody a turn', async () => {
    const tenants = open({ pools: { connections: 4, connectionsPerTenant: 2 } });
    let most = 0;
    let working = true;
    const watching = (async () => {
      while (working) most = Math.max(most, await here.sessions());
    })();
    const ids = ['acme', 'bolt', 'coil', 'dune'];
    await Promise.all(
      Array.from({ length: 400 }, async (_, number) => {
        const id = ids[number % 4] ?? '';
        const { rows } = await tenants.query<{ name: string }>(
          id,
          'SELECT name, pg_sleep(0.002) FROM item WHERE id = 1',
        );
        expect(rows[0]?.name).toBe(id);
        expect(tenants.stats.open).toBeLessThanOrEqual(4);
      }),
    );
    working = false;
    await watching;
    expect(most).toBeGreaterThan(2);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('takes the idle connection of whom nobody asked for longest, and tells when none is free', async () => {
    const tenants = open({ pools: { connections: 2, connectionsPerTenant: 1, acquireMs: 150 } });
    await tenants.query('acme', nameOf);
    await tenants.query('bolt', nameOf);
    await tenants.query('coil', nameOf);
    expect([await here.sessions('tenant_acme%'), await here.sessions('tenant_bolt%')]).toEqual([0, 1]);
    await tenants.withClient('bolt', () =>
      tenants.withClient('coil', async () => {
        const none = { code: 'pool-exhausted', tenantId: 'acme' };
        await expect(tenants.query('acme', nameOf)).rejects.toMatchObject(none);
        const signal = AbortSignal.timeout(20);
        await expect(tenants.query('acme', nameOf, [], { signal })).rejects.toThrow(/timeout|aborted/i);
        expect(tenants.stats.waiting).toBe(0);
      }),
    );
    expect((await tenants.query('acme', nameOf)).rowCount).toBe(1);
  });

  it('leaves nothing of a session to the next one', async () => {
    const tenants = open({ pools: { connectionsPerTenant: 1 } });
    const leave = `SET search_path = public; SET statement_timeout = '9s'; CREATE TEMP TABLE item (id int, name text); SELECT pg_advisory_lock(1)`;
    await tenants.withClient('acme', (client) => client.query(leave));
    const sql = `SELECT name, current_setting('statement_timeout') AS limit, (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks FROM item WHERE id = 1`;
    expect((await tenants.query('acme', sql)).rows).toEqual([{ name: 'acme', limit: '0', locks: 0 }]);
    const prepared = { name: 'by-name', text: nameOf };
    await tenants.withClient('acme', (client) => client.query(prepared));
    await tenants.withClient('acme', (client) => client.query(prepared));
    await tenants.query('acme', prepared);
    expect((await tenants.query('acme', prepared)).rows).toEqual([{ name: 'acme' }]);
  });

  it('closes what is idle, old or worn, and everything at the end, after what is under way', async () => {
    const tenants = open({ pools: { idleMs: 100, uses: 2, connectionsPerTenant: 1 } });
    const pid = async () =>
      (await tenants.query<{ pid: number }>('acme', 'SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
    const pids = [await pid(), await pid(), await pid()];
    expect(new Set(pids).size).toBe(2);
    await until(async () => (await here.sessions()) === 0);
    const slow = tenants.query('acme', 'SELECT pg_sleep(0.2)');
    await until(async () => (await here.sessions()) === 1);
    await tenants.close();
    expect((await slow).rowCount).toBe(1);
    expect(await here.sessions()).toBe(0);
    await expect(tenants.query('acme', nameOf)).rejects.toMatchObject({ code: 'closed' });
  });

  it('cuts off a statement whose caller has gone', async () => {
    const tenants = open();
    await tenants.query('acme', nameOf);
    const abort = new AbortController();
    const ended = expect(tenants.query('acme', 'SELECT pg_sleep(60)', [], { signal: abort.signal })).rejects.toThrow(
      'enough',
    );
    await until(
      async () => (await here.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")) === '1',
    );
    abort.abort(new Error('enough'));
    await ended;
    await until(() => tenants.stats.open === 0);
    await here.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  });

  it('refuses a session that is not the secret’s own', async () => {
    const tenants = open();
    const { schema } = here.secrets.get('dune')!;
    await here.psql(`ALTER ROLE ${schema}__a SET search_path = tenant_acme`);
    const refused = { code: 'wrong-session', tenantId: 'dune' };
    await expect(tenants.query('dune', 'SELECT 1')).rejects.toMatchObject(refused);
    await here.psql(`ALTER ROLE ${schema}__a SET search_path = ${schema}; ALTER ROLE ${schema}__a RESET role`);
    await here.psql(`ALTER SCHEMA ${schema} OWNER TO CURRENT_USER; GRANT USAGE ON SCHEMA ${schema} TO ${schema}`);
    await expect(tenants.query('dune', 'SELECT 1')).rejects.toMatchObject(refused);
    await here.psql(`ALTER SCHEMA ${schema} OWNER TO ${schema}; ALTER ROLE ${schema}__a SET role = ${schema}`);
    await tenants.query('dune', 'SELECT 1');
  });

  it('goes over to another login once, for all who ask, and warms it up before it leaves the old one', async () => {
    const tenants = open();
    await Promise.all(Array.from({ length: 4 }, () => tenants.query('coil', nameOf)));
    const old = here.secrets.get('coil')!;
    here.publish('coil', { ...old, username: old.username.replace(/a$/, 'b') });
    const before = here.reads;
    expect(await tenants.refresh('coil')).toBe(true);
    expect(await here.sessions('tenant_coil__b')).toBe(1);
    const { rows } = await tenants.query<{ login: string }>('coil', 'SELECT session_user AS login');
    expect(rows).toEqual([{ login: 'tenant_coil__b' }]);
    await until(async () => (await here.sessions('tenant_coil__a')) === 0);
    // The old password is refused from now on, and nobody was told.
    await here.psql(
      `ALTER ROLE tenant_coil__b NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenant_coil__b'`,
    );
    here.publish('coil', old);
    await Promise.all(Array.from({ length: 20 }, () => tenants.query('coil', nameOf)));
    expect(here.reads - before).toBeLessThanOrEqual(4);
    await here.psql('ALTER ROLE tenant_coil__b LOGIN');
  });

  it('waits once for logins that are closed, and keeps nothing of tenants that are not there', async () => {
    const tenants = open({ waits: { loginMs: 400 } });
    const close = `ALTER ROLE tenant_dune__a NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenant_dune__a'`;
    const openAgain = 'ALTER ROLE tenant_dune__a LOGIN';
    const suspended = { code: 'tenant-suspended', tenantId: 'dune' };
    const refusedAfter = async (): Promise<number> => {
      const began = performance.now();
      await expect(tenants.query('dune', nameOf)).rejects.toMatchObject(suspended);
      return performance.now() - began;
    };
    await here.psql(close);
    const first = await refusedAfter();
    expect([first >= 400, (await refusedAfter()) < 350]).toEqual([true, true]);
    await here.psql(openAgain);
    await tenants.query('dune', nameOf);
    await here.psql(close);
    const waiting = tenants.query('dune', nameOf);
    await here.psql(openAgain);
    expect((await waiting).rowCount).toBe(1);
    const strangers = Array.from({ length: 50 }, (_, number) =>
      tenants.query(`nobody-${String(number)}`, nameOf).catch((error: unknown) => (error as { code: string }).code),
    );
    expect(new Set(await Promise.all(strangers))).toEqual(new Set(['tenant-not-found']));
    expect(tenants.stats.tenants).toBe(1);
  });

  it('works on with what it knows while the source of secrets is away, and tells who cannot be helped', async () => {
    let away = false;
    const events: TenantEvent[] = [];
    const read = (tenantId: string) => (away ? Promise.reject(new Error('sealed')) : here.source.read(tenantId));
    const onEvent = (event: TenantEvent): void => void events.push(event);
    const tenants = open({ placement: { read }, pollMs: 20, waits: { reconnectMs: 100 }, onEvent });
    await tenants.query('acme', nameOf);
    away = true;
    await until(() => events.some(({ type }) => type === 'source-failed'));
    expect((await tenants.query('acme', nameOf)).rowCount).toBe(1);
    const unknown = { code: 'placement-unavailable', message: expect.stringMatching(/bolt is cannot be read: sealed/) };
    await expect(tenants.query('bolt', nameOf)).rejects.toMatchObject(unknown);
    const waiting = open({ placement: { read } }).query('bolt', nameOf);
    away = false;
    expect((await waiting).rowCount).toBe(1);
  });

  it('tells a tracer of calls and repetitions, and nothing of what was asked', async () => {
    const told: unknown[] = [];
    const span = {
      setAttribute: (name: string, value: unknown) => told.push([name, value]),
      addEvent: (name: string, attributes: unknown) => told.push([name, attributes]),
      recordException: (error: Error) => void told.push(error.message),
      setStatus: (status: object) => told.push(status),
      end: () => void told.push('end'),
    };
    const tracer: Tracer = {
      startActiveSpan: (name, options, work) => {
        told.push([name, options]);
        return work(span);
      },
    };
    // The compiler holds ours against OpenTelemetry's own.
    const theirs: Tracer = trace.getTracer('shop');
    await open({ tracer: theirs }).query('acme', nameOf);
    const tenants = open({ tracer });
    await tenants.query('acme', nameOf);
    await tenants.withTransaction('acme', (client) => client.query('SELECT 1/0')).catch(() => undefined);
    const attributes = { 'db.system.name': 'postgresql', 'berth.tenant.id': 'acme' };
    expect(told).toEqual([
      ['berth.query', { kind: 2, attributes }],
      ['tenant_placement_generation', 1],
      'end',
      ['berth.transaction', { kind: 2, attributes }],
      ['tenant_placement_generation', 1],
      { code: 2, message: '22012' },
      'end',
    ]);
  });

  it('never goes back to an older generation', async () => {
    const tenants = open();
    const old = here.secrets.get('bolt')!;
    here.publish('bolt', { ...old, generation: 5 });
    await tenants.query('bolt', nameOf);
    here.publish('bolt', { ...old, generation: 4, username: 'nobody' });
    expect(await tenants.refresh('bolt')).toBe(false);
    await tenants.query('bolt', nameOf);
    here.publish('bolt', old);
  });
});
