import { jest } from '@jest/globals';
import { parseTenantId, type Place, secretRefs, type TenantSecret } from '@berth/domain';
import { FakeSystem } from '@berth/testing';

const acme = parseTenantId('acme');
const db = secretRefs.tenantDb(acme);
const rotate = { kind: 'rotate-login', tenantId: acme, graceMs: 60_000, settleMs: 5_000 } as const;
const atOnce = { ...rotate, graceMs: 0, settleMs: 0 };
const text = (pattern: RegExp) => expect.stringMatching(pattern) as string;

describe('the rotation of a login', () => {
  let system: FakeSystem;
  let place: Place;

  beforeEach(async () => {
    // The clock alone: timers go on as they are.
    jest.useFakeTimers({ doNotFake: ['setTimeout', 'setInterval', 'setImmediate', 'nextTick', 'performance'] });
    system = new FakeSystem();
    await system.addCluster('shared-1');
    ({ place } = await system.readyTenant('acme'));
  });
  afterEach(() => jest.useRealTimers());

  const pass = (ms: number) => jest.setSystemTime(Date.now() + ms);
  const secret = async () => (await system.secrets.read(db))?.document;
  const logins = async () => (await system.secrets.read(secretRefs.tenantLogins(acme)))?.document;
  const begin = async (request: typeof rotate | typeof atOnce = rotate) => {
    const { id } = await system.desk.start(request, 'test');
    return { id, operation: await system.runOn(id) };
  };
  /** As somebody with a hand in the store. */
  const writeByHand = async (document: TenantSecret) => {
    const expectedVersion = await system.secrets.newestVersion(db);
    await system.secrets.write(db, document, { expectedVersion, metadata: {} });
  };

  it('goes to the other slot with a new password, drops the old login, and comes back the next time', async () => {
    const before = await secret();
    await system.perform(atOnce);
    const after = await secret();
    expect(after).toMatchObject({ username: 'tenant_acme__b', generation: 1 });
    expect(after?.password).not.toBe(before?.password);
    expect(await logins()).toMatchObject({ active: 'b', a: null, b: { password: after?.password } });
    expect(system.database.objects(place)).toEqual(['grants', 'login b', 'role', 'schema']);
    await system.perform(atOnce);
    expect(await secret()).toMatchObject({ username: 'tenant_acme__a' });
    expect((await secret())?.password).not.toBe(before?.password);
    expect(system.database.objects(place)).toEqual(['grants', 'login a', 'role', 'schema']);
    expect((await system.desk.plan({ kind: 'repair-tenant', tenantId: acme })).findings).toEqual([]);
  });

  it('keeps the old login for a while although nobody is seen with it', async () => {
    const { id, operation } = await begin();
    expect(operation).toMatchObject({ state: 'waiting', reason: text(/Nobody is seen with .*__a.*connect seldom/) });
    expect(system.database.objects(place)).toContain('login a');
    pass(5_000);
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded', result: { clients: 'moved', left: [] } });
  });

  it('waits for sessions and for clients that report the old login, by name, and no longer than for them', async () => {
    const session = system.database.connect(place, 'a');
    await system.catalog.clients.report(acme, { client: 'web-1', username: place.loginRoles.a, generation: 1 });
    const { id, operation } = await begin();
    expect(operation).toMatchObject({ state: 'waiting', reason: text(/__a: client web-1, 1 session/) });
    pass(6_000);
    session.ended = true;
    expect(await system.runOn(id)).toMatchObject({ state: 'waiting', reason: text(/__a: client web-1\. It is kept/) });
    await system.catalog.clients.report(acme, { client: 'web-1', username: place.loginRoles.b, generation: 1 });
    system.database.connect(place, 'b');
    pass(2_000);
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded', result: { clients: 'moved' } });
  });

  it('ends a stubborn session when the grace has ended, and says whose it was', async () => {
    const session = system.database.connect(place, 'a');
    const { id } = await begin();
    pass(60_000);
    expect(await system.runOn(id)).toMatchObject({
      state: 'succeeded',
      result: { clients: 'grace-ended', left: ['1 session of an unnamed application'] },
    });
    expect(session.ended).toBe(true);
  });

  it('waits for nobody where logins are closed, and leaves them closed', async () => {
    await system.perform({ kind: 'suspend-tenant', tenantId: acme, reason: 'unpaid' });
    const { operation } = await begin();
    expect(operation).toMatchObject({ state: 'succeeded' });
    expect(() => system.database.connect(place, 'b')).toThrow();
    await system.perform({ kind: 'resume-tenant', tenantId: acme });
    expect(system.database.connect(place, 'b')).toBeDefined();
  });

  it('is refused while the old place of a move is kept', async () => {
    const target = { tier: 'dedicated' } as const;
    await system.perform({ kind: 'move-tenant', tenantId: acme, target, strategy: 'dump', switchMode: 'auto' });
    await expect(system.desk.plan(rotate)).rejects.toMatchObject({
      code: 'move-open',
      hint: text(/berth moves complete/),
    });
  });

  it('tells in the plan who uses the login and how many connections there may be', async () => {
    system.database.connect(place, 'a');
    const { findings } = await system.desk.plan(rotate);
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['login-in-use', 'info'],
      ['connections-doubled', 'info'],
      ['no-client-reports', 'info'],
    ]);
    expect(findings[0]?.message).toMatch(/1 session/);
    expect(findings[1]?.message).toMatch(/10 connections, 5 with each/);
  });

  it('is taken back while it waits: the old login is published again, the new one lives until its users are back', async () => {
    const before = await secret();
    system.database.connect(place, 'a');
    const { id } = await begin();
    const moved = system.database.connect(place, 'b');
    await system.desk.cancel(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'waiting', reason: text(/Still with the login .*__b/) });
    expect(await secret()).toEqual(before);
    moved.ended = true;
    pass(6_000);
    expect(await system.runOn(id)).toMatchObject({ state: 'cancelled' });
    expect(await logins()).toMatchObject({ active: 'a', b: null });
    expect(system.database.objects(place)).toEqual(['grants', 'login a', 'role', 'schema']);
    await system.perform(atOnce);
  });

  describe('when somebody writes the secret by hand', () => {
    it('before the switch: stops, names both versions, and can be taken back without overwriting it', async () => {
      const { id } = await system.desk.start(rotate, 'test');
      const byHand = { ...(await secret())!, host: 'elsewhere' };
      const stopped = await system.runOn(id, {
        failpoints: {
          hit: async ({ step, moment, direction }) => {
            if (step === 'switch-login' && moment === 'before' && direction === 'run') await writeByHand(byHand);
          },
        },
      });
      expect(stopped).toMatchObject({
        state: 'needs-operator',
        error: { code: 'secret-conflict', details: { expectedVersion: 1, foundVersion: 2 } },
      });
      await system.desk.cancel(id);
      expect(await system.runOn(id)).toMatchObject({ state: 'cancelled' });
      expect(await secret()).toEqual(byHand);
      expect(await logins()).toMatchObject({ active: 'a', b: null });
    });

    it('while clients move: stops before the old login ends, and goes on when the secret is right again', async () => {
      const before = await secret();
      const { id } = await begin();
      const published = (await secret())!;
      await writeByHand(before!);
      pass(5_000);
      const conflict = { code: 'secret-conflict', details: { expectedVersion: 2, foundVersion: 3 } };
      expect(await system.runOn(id)).toMatchObject({ state: 'needs-operator', error: conflict });
      expect(system.database.objects(place)).toContain('login a');
      await writeByHand(published);
      await system.desk.retry(id);
      expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
      expect(await secret()).toEqual(published);
    });

    it('while clients move, to something else of the new login: taking back does not overwrite it either', async () => {
      const { id } = await begin();
      const published = (await secret())!;
      await writeByHand({ ...published, host: 'elsewhere' });
      await system.desk.cancel(id);
      expect(await system.runOn(id)).toMatchObject({ state: 'needs-operator', error: { code: 'secret-conflict' } });
      expect(await secret()).toMatchObject({ host: 'elsewhere' });
      await writeByHand(published);
      await system.desk.retry(id);
      pass(60_000);
      await system.runOn(id);
      pass(60_000);
      expect(await system.runOn(id)).toMatchObject({ state: 'cancelled' });
    });
  });
});
