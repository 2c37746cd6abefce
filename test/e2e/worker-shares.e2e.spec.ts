import { eventually, onEachQueue, type QueueHome, WorkerWorld } from './worker-world.js';

onEachQueue('workers side by side', (openQueue) => {
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

  it('run no operation twice at the same time', async () => {
    await Promise.all([here.worker(), here.worker()]);
    const ids = await Promise.all(Array.from({ length: 12 }, () => here.provision('shared-1')));
    // Jobs of the same operation, more than there are workers, at once.
    for (const id of ids) await here.world.desk.retry(id).catch(() => undefined);
    for (const id of ids) {
      const ended = await here.ended(id);
      expect(ended).toMatchObject({ state: 'succeeded' });
      expect(ended.steps.map(({ name, attempts }) => `${name} ${String(attempts)}`)).toEqual(
        ended.steps.map(({ name }) => `${name} 1`),
      );
    }
  });

  it('hold to the limit of operations that a cluster takes at once, and serve others meanwhile', async () => {
    await here.world.tools.clusters.update('shared-2', { maxOperations: 2 });
    await here.hold('shared-2');
    await Promise.all([here.worker(), here.worker()]);
    const held = await Promise.all(Array.from({ length: 6 }, () => here.provision('shared-2')));
    const runningThere = async () => {
      const operations = await Promise.all(held.map((id) => here.world.operation(id)));
      return operations.filter(({ state }) => state === 'running').length;
    };
    await eventually(async () => ((await runningThere()) === 2 ? true : null));
    const other = await here.provision('shared-1');
    expect(await here.ended(other)).toMatchObject({ state: 'succeeded' });
    expect(await runningThere()).toBe(2);
    await here.letGo();
    let most = 0;
    for (const id of held) {
      await here.until(id, ({ state }) => {
        void runningThere().then((now) => (most = Math.max(most, now)));
        return state === 'succeeded';
      });
    }
    expect(most).toBeLessThanOrEqual(2);
  });
});
