import { rulesFor } from '@berth/redis';
import { redisPart, startRedis, type TestRedis, whenAvailable, type WorkerProcess } from '@berth/testing';
import { eventually, WorkerWorld } from './worker-world.js';

const password = 'hunter2/of 100%';

whenAvailable(redisPart, 'Redis in the middle of ten operations', () => {
  let redis: TestRedis;
  let here: WorkerWorld;
  beforeAll(async () => {
    redis = await startRedis({ tls: true, users: { berth: { password, rules: rulesFor('acme') } } });
    here = await WorkerWorld.open({
      BERTH_REDIS_URL: redis.urlOf('berth'),
      BERTH_REDIS_CA_FILE: redis.caFile,
      BERTH_REDIS_PREFIX: 'acme',
    });
  });
  afterEach(async () => {
    await here.endWorkers();
    await here.letGo();
  });
  afterAll(async () => {
    await here.close();
    await redis.stop();
  });

  /** Four run, in their migrations; six wait in the queue. */
  async function tenUnderWay(): Promise<{
    readonly ids: readonly string[];
    readonly workers: readonly WorkerProcess[];
  }> {
    await here.hold('shared-2');
    const concurrency = { BERTH_WORKER_CONCURRENCY: '2' };
    const workers = await Promise.all([here.worker(concurrency), here.worker(concurrency)]);
    const ids = await Promise.all(Array.from({ length: 10 }, () => here.provision('shared-2')));
    await eventually(async () => {
      const operations = await Promise.all(ids.map((id) => here.world.operation(id)));
      return operations.filter(({ state }) => state === 'running').length === 4 ? true : null;
    });
    return { ids, workers };
  }

  it.each([
    ['FLUSHALL', async () => void (await redis.cli('FLUSHALL'))],
    ['a restart', () => redis.halt().then(() => redis.start())],
    ['kill -9, and back only when those that ran have ended', () => redis.kill9()],
  ])('%s: all ten finish, each step once, and no log holds the password', async (_, befall) => {
    const { ids, workers } = await tenUnderWay();
    await befall();
    await here.letGo();
    // Who ran needs no queue to end.
    await eventually(async () => {
      const operations = await Promise.all(ids.map((id) => here.world.operation(id)));
      return operations.filter(({ state }) => state === 'succeeded').length >= 4 ? true : null;
    });
    if (!redis.isRunning) await redis.start();
    for (const id of ids) {
      const ended = await here.ended(id);
      expect(ended).toMatchObject({ state: 'succeeded' });
      expect(ended.steps.filter(({ attempts }) => attempts !== 1)).toEqual([]);
    }
    for (const worker of workers) {
      expect(worker.child.exitCode).toBeNull();
      expect(worker.output + worker.errors).not.toContain('hunter2');
      await worker.end('SIGTERM');
      expect(await worker.ended).toEqual({ code: 0, signal: null });
    }
  });

  it('a worker that is asked to stop while Redis is away hands back what it holds, and ends', async () => {
    await here.hold('shared-2');
    const worker = await here.worker();
    const id = await here.provision('shared-2');
    await here.inMigration(id);
    await redis.kill9();
    await worker.said('the queue has a trouble');
    await worker.end('SIGTERM');
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    expect(await here.world.operation(id)).toMatchObject({ state: 'queued' });
    await redis.start();
    await here.letGo();
    await here.worker();
    expect(await here.ended(id)).toMatchObject({ state: 'succeeded' });
  });

  it('a worker whose Redis would evict jobs does not start, and says why and what to type', async () => {
    await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const starting = here.worker().catch((error: unknown) => error);
    const message = String(await starting);
    await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    expect(message).toMatch(
      /The eviction policy of this Redis is allkeys-lru.*\n.*CONFIG SET maxmemory-policy noeviction/,
    );
    expect(message).not.toContain('hunter2');
  });
});
