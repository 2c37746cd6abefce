import { startPostgres, TcpProxy, type TestPostgres } from '@berth/testing';
import { standstillMs, type TenantId } from '@berth/domain';
import { openCatalog } from './open-catalog.js';

const acme = 'acme' as TenantId;

describe('a catalog whose server goes away', () => {
  let server: TestPostgres;
  let url: string;
  beforeEach(async () => {
    server = await startPostgres();
    url = server.adminUrl(await server.createDatabase());
  });
  afterEach(async () => {
    await server.stop();
  });

  const codeOf = async (attempt: Promise<unknown>): Promise<unknown> =>
    attempt.then(
      () => 'fine',
      (error: unknown) => (error as { code?: unknown }).code,
    );

  it('says that it is unavailable, and goes on by itself when the server is back', async () => {
    const catalog = await openCatalog(url);
    await catalog.migrate();
    const create = catalog.operations.create({
      id: 'op-1',
      kind: 'provision-tenant',
      saga: 'provision',
      sagaVersion: 1,
      tenantId: acme,
      clusterIds: [],
      input: {},
      steps: [],
      requestedBy: 'test',
      newTenant: { plan: 'free', constraints: { labels: {} } },
    });
    await create;
    const claimed = await catalog.journal.claim('op-1', { owner: 'w', leaseMs: 60_000 });
    await server.kill9();
    // Backends outlive their first process by a moment; what is asked then may still be answered.
    let code = await codeOf(catalog.tenants.get(acme));
    while (code === 'fine') code = await codeOf(catalog.tenants.get(acme));
    expect(code).toBe('catalog-unavailable');
    const doors = [
      () => catalog.tenants.list({}, { limit: 1 }),
      () => catalog.clusters.list(),
      () => catalog.journal.claim('op-1', { owner: 'w', leaseMs: 1_000 }),
      () =>
        catalog.audit.append({
          actor: 'a',
          action: 'b',
          tenantId: null,
          object: 'c',
          from: null,
          answer: 'd',
          operationId: null,
        }),
    ];
    for (const door of doors) expect(await codeOf(door())).toBe('catalog-unavailable');
    await expect(openCatalog(url)).rejects.toMatchObject({ code: 'catalog-unavailable', retry: 'backoff' });
    await server.start();
    while ((await codeOf(catalog.tenants.get(acme))) !== 'fine');
    expect(await catalog.tenants.get(acme)).toMatchObject({ id: acme });
    // What was acknowledged is there, and the fence did not go back.
    expect(await catalog.journal.claim('op-1', { owner: 'w', leaseMs: 1_000 })).toMatchObject({ kind: 'held' });
    if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
    await catalog.journal.settle(claimed.operation.lease, { state: 'queued' });
    const again = await catalog.journal.claim('op-1', { owner: 'w', leaseMs: 1_000 });
    if (again.kind !== 'claimed') throw new Error(again.kind);
    expect(again.operation.lease.fence).toBeGreaterThan(claimed.operation.lease.fence);
    await catalog.close();
  });

  it('gives up a server that is silent with its connections open, in and out of a transaction, and goes on when it speaks', async () => {
    const line = await TcpProxy.before(server);
    const through = new URL(url);
    through.port = String(line.port);
    const catalog = await openCatalog(through.href, { answerMs: 2_000 });
    try {
      await catalog.migrate();
      const questions = [
        () => catalog.tenants.get(acme),
        () => catalog.tenants.update(acme, { plan: 'pro' }),
        () => catalog.clusters.list(),
      ];
      for (const ask of questions) {
        const before = await codeOf(ask());
        const goOn = line.stall();
        await expect(ask()).rejects.toMatchObject({
          code: 'catalog-unavailable',
          message: expect.stringContaining('no answer within 2 s'),
        });
        goOn();
        // Nobody is lent a connection on which an answer of before is still to come.
        for (let asked = 0; asked < 3; asked += 1) expect(await codeOf(ask())).toBe(before);
      }
    } finally {
      await catalog.close();
      await line.close();
    }
  });

  it('keeps the lock of a pooler for whoever lives and works, and takes it from whoever is stopped', async () => {
    const line = await TcpProxy.before(server);
    const through = new URL(url);
    through.port = String(line.port);
    const [catalog, stopped] = [await openCatalog(url, { answerMs: 5_000 }), await openCatalog(through.href)];
    try {
      await catalog.migrate();
      for (const id of ['pool-1', 'pool-2'])
        await catalog.poolers.add({ id, host: 'localhost', port: 6432, sslMode: 'disable', folder: `/${id}` });
      const longWork = (): Promise<string> =>
        new Promise((resolve) => setTimeout(resolve, standstillMs + 3_000, 'done'));
      const lives = catalog.poolers.exclusively('pool-1', longWork);
      let wake = (): void => undefined;
      const sleeps = stopped.poolers.exclusively('pool-2', () => new Promise<void>((resolve) => (wake = resolve)));
      const taken = expect(sleeps).rejects.toMatchObject({ code: 'catalog-unavailable' });
      const take = (): Promise<unknown> => codeOf(catalog.poolers.exclusively('pool-2', async () => undefined));
      while ((await take()) !== 'pooler-busy');
      const goOn = line.stall();
      while ((await take()) === 'pooler-busy');
      expect(await take()).toBe('fine');
      await expect(lives).resolves.toBe('done');
      goOn();
      wake();
      await taken;
    } finally {
      await Promise.all([catalog.close(), stopped.close()]);
      await line.close();
    }
  });

  it('forgets at most what was done last: never that something was begun, and never out of order', async () => {
    // A server that writes its log only when somebody waits for that: what nobody waited for is lost for certain.
    const slow = await startPostgres({ settings: { wal_writer_delay: '10s' } });
    try {
      const catalog = await openCatalog(slow.adminUrl(await slow.createDatabase()));
      await catalog.migrate();
      const names = ['one', 'two', 'three'];
      await catalog.operations.create({
        id: 'op-1',
        kind: 'provision-tenant',
        saga: 'provision',
        sagaVersion: 1,
        tenantId: acme,
        clusterIds: [],
        input: {},
        steps: names.map((name) => ({ name, description: name, pointOfNoReturn: false })),
        requestedBy: 'test',
        newTenant: { plan: 'free', constraints: { labels: {} } },
      });
      const claimed = await catalog.journal.claim('op-1', { owner: 'w', leaseMs: 60_000 });
      if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
      const { lease } = claimed.operation;
      const states = async () => (await catalog.operations.get('op-1'))?.steps.map(({ state }) => state);
      for (const name of ['one', 'two']) {
        await catalog.journal.recordStep(lease, name, { kind: 'started' });
        await catalog.journal.recordStep(lease, name, { kind: 'done', output: {} });
      }
      expect(await states()).toEqual(['done', 'done', 'pending']);
      await slow.kill9();
      await slow.start();
      while ((await codeOf(catalog.tenants.get(acme))) !== 'fine');
      expect(await states()).toEqual(['done', 'started', 'pending']);
      await catalog.close();
    } finally {
      await slow.stop();
    }
  });

  it('names no password when it cannot be reached', async () => {
    await server.halt();
    const refused = openCatalog(url);
    await expect(refused).rejects.toMatchObject({ code: 'catalog-unavailable' });
    await refused.catch((error: unknown) => {
      expect(String(error)).not.toContain(server.admin.password);
    });
    await server.start();
  });
});
