import { onEachQueue, type QueueHome, WorkerWorld } from './worker-world.js';

onEachQueue('what workers survive', (openQueue) => {
  let queue: QueueHome;
  let here: WorkerWorld;
  beforeAll(async () => {
    queue = await openQueue();
    here = await WorkerWorld.open(queue.environment);
  });
  afterEach(async () => {
    await here.endWorkers();
    await here.letGo();
  });
  afterAll(async () => {
    await here.close();
    await queue.stop();
  });

  it('trap 7: the queue loses everything while ten operations wait: the sweep brings all of them back', async () => {
    await here.hold('shared-2');
    await here.worker({ BERTH_WORKER_CONCURRENCY: '2' });
    const ids = await Promise.all(Array.from({ length: 10 }, () => here.provision('shared-2')));
    await queue.loseEverything(here);
    await here.letGo();
    for (const id of ids) expect(await here.ended(id)).toMatchObject({ state: 'succeeded' });
  });

  it('the catalog’s server is stopped in the middle and comes back', async () => {
    await here.hold('shared-2');
    await here.worker({ BERTH_LEASE_MS: '1000' });
    const id = await here.provision('shared-2');
    await here.inMigration(id);
    const { 'shared-1': catalog } = here.world.servers;
    await catalog!.halt();
    await here.letGo();
    await catalog!.start();
    expect(await here.ended(id)).toMatchObject({ state: 'succeeded' });
  });

  it('SIGTERM in the middle of a long step: the lease is handed back at once, another worker goes on', async () => {
    await here.hold('shared-2');
    const first = await here.worker();
    const id = await here.provision('shared-2');
    await here.inMigration(id);
    await first.end('SIGTERM');
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(await here.world.operation(id)).toMatchObject({ state: 'queued', reason: null });
    await here.letGo();
    await here.worker();
    const began = performance.now();
    expect(await here.ended(id)).toMatchObject({ state: 'succeeded' });
    // The lease would have lasted a minute.
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('SIGKILL in the middle of a long step: another worker takes over when the lease has run out', async () => {
    await here.hold('shared-2');
    const first = await here.worker({ BERTH_LEASE_MS: '2000' });
    const id = await here.provision('shared-2');
    await here.inMigration(id);
    await first.end('SIGKILL');
    expect(await here.world.operation(id)).toMatchObject({ state: 'running' });
    await here.worker();
    const began = performance.now();
    await here.letGo();
    const ended = await here.ended(id);
    expect(ended).toMatchObject({ state: 'succeeded' });
    // Lease, then the queue's own patience with a silent worker.
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(ended.steps.find((step) => step.name === 'apply-migrations')).toMatchObject({ attempts: 2 });
  });

  it('a cancellation in the middle of a long step: it is stopped, and nothing is left', async () => {
    await here.hold('shared-2');
    await here.worker({ BERTH_LEASE_MS: '1500' });
    const id = await here.provision('shared-2');
    const { tenantId } = await here.inMigration(id);
    await here.world.desk.cancel(id);
    expect(await here.ended(id)).toMatchObject({ state: 'cancelled' });
    expect(await here.world.tools.tenants.get(tenantId)).toMatchObject({ state: 'failed' });
    const [placement] = await here.world.tools.placements.history(tenantId);
    expect(await here.world.tools.database.leftovers(placement!)).toEqual([]);
  });
});
