import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { inspect } from 'node:util';
import { needs, RedisServer, rulesFor, type RedisServerOptions } from '@berth/redis';
import { describeJobQueueContract, redisPart, startRedis, type TestRedis, whenAvailable } from '@berth/testing';
import { BullmqJobQueue } from './bullmq-job-queue.js';

const password = 'pass/word of 100%';
let count = 0;
const freshPrefix = (): string => `berth-${String((count += 1))}`;

async function queueAt(options: RedisServerOptions, troubles: Error[] = []): Promise<BullmqJobQueue> {
  return new BullmqJobQueue({ redis: await RedisServer.at(options), onError: (error) => troubles.push(error) });
}

async function pair(options: RedisServerOptions) {
  const queue = await queueAt(options);
  const other = await queueAt(options);
  const close = async (): Promise<void> => {
    await Promise.all([queue.close(), other.close()]);
  };
  return { queue, other, close };
}

whenAvailable(redisPart, 'on Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  describeJobQueueContract('on Redis', () => pair({ url: redis.url, prefix: freshPrefix() }));

  it('two systems with prefixes of their own do not meet, on one database of one Redis', async () => {
    const [here, there] = [
      await queueAt({ url: redis.url, prefix: 'one' }),
      await queueAt({ url: redis.url, prefix: 'two' }),
    ];
    const taken: string[] = [];
    await there.work(async (id) => void taken.push(id), { concurrency: 4 });
    await here.enqueue('op-of-one');
    await there.enqueue('op-of-two');
    await until(() => taken.length > 0);
    expect(await here.depth()).toMatchObject({ waiting: 1 });
    expect(await there.depth()).toMatchObject({ waiting: 0 });
    expect(taken).toEqual(['op-of-two']);
    const keys = (await redis.cli('KEYS', '*')).split('\n').filter((key) => !key.startsWith('berth-'));
    expect(keys.length).toBeGreaterThan(2);
    expect(keys.filter((key) => !/^(one|two):/.test(key))).toEqual([]);
    await Promise.all([here.close(), there.close()]);
  });
});

whenAvailable(redisPart, 'on a Redis with TLS, as a user who may do no more than it needs', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis({ tls: true, users: { berth: { password: 'pw', rules: rulesFor('acme') } } });
  });
  afterEach(() => redis.cli('FLUSHALL'));
  afterAll(() => redis.stop());
  describeJobQueueContract('with TLS, a user and a prefix', () =>
    pair({ url: redis.urlOf('berth'), caFile: redis.caFile, prefix: 'acme' }),
  );
});

whenAvailable(redisPart, 'a queue whose Redis goes away', () => {
  let redis: TestRedis;
  let queue: BullmqJobQueue;
  const handled = new Set<string>();
  const troubles: Error[] = [];
  beforeEach(async () => {
    handled.clear();
    troubles.length = 0;
    redis = await startRedis({ users: { berth: { password, rules: rulesFor('berth') } } });
    queue = await queueAt({ url: redis.urlOf('berth'), prefix: 'berth' }, troubles);
  });
  afterEach(async () => {
    redis.thaw();
    await queue.close();
    await redis.stop();
  });
  const work = () => queue.work(async (id) => void handled.add(id), { concurrency: 2 });
  const isRefused = async (): Promise<boolean> =>
    queue.enqueue('op-2').then(
      () => false,
      (error: unknown) => (error as { code?: unknown }).code === 'queue-unavailable',
    );
  async function worksAgain(): Promise<void> {
    await until(async () => !(await isRefused()));
    await queue.enqueue('op-3');
    await until(() => handled.has('op-3'));
  }

  it('says so, once for all its connections, and works again when the server is back, empty', async () => {
    await work();
    await queue.enqueue('op-1');
    await until(() => handled.has('op-1'));
    await redis.kill9();
    await until(isRefused);
    // Each of three connections fails more than once meanwhile.
    await until(isRefused);
    const words = troubles.map(({ message }) => message);
    expect(words.length).toBeGreaterThan(0);
    expect(words).toEqual([...new Set(words)]);
    await redis.start();
    await worksAgain();
  });

  it('begins though the server was not there at first', async () => {
    await redis.halt();
    await expect(queue.enqueue('op-1')).rejects.toMatchObject({ code: 'queue-unavailable', retry: 'backoff' });
    await redis.start();
    await queue.enqueue('op-1');
    expect(await queue.depth()).toMatchObject({ waiting: 1 });
  });

  it('answers in its time though the server holds the connection and says nothing', async () => {
    await work();
    await queue.enqueue('op-1');
    await until(() => handled.has('op-1'));
    redis.freeze();
    const began = performance.now();
    expect(await isRefused()).toBe(true);
    expect(performance.now() - began).toBeLessThan(6_000);
    redis.thaw();
    await worksAgain();
  });

  it('goes on where everything was deleted', async () => {
    await work();
    await queue.enqueue('op-1');
    await until(() => handled.has('op-1'));
    await redis.cli('FLUSHALL');
    await redis.cli('SCRIPT', 'FLUSH');
    await worksAgain();
  });

  it('can be left while the server is away', async () => {
    await work();
    await redis.kill9();
    await until(isRefused);
    await queue.close();
  });

  it('tells that what it came back to evicts jobs', async () => {
    await work();
    await queue.enqueue('op-1');
    await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await redis.cli('CLIENT', 'KILL', 'TYPE', 'normal');
    await until(() => troubles.some((error) => (error as { code?: unknown }).code === 'redis-unfit'));
  });

  it('shows its password to nobody', async () => {
    await work();
    await redis.cli('ACL', 'SETUSER', 'berth', 'resetpass', '>another');
    await redis.cli('CLIENT', 'KILL', 'USER', 'berth');
    const refusal: unknown = await queue.enqueue('op-1').catch((error: unknown) => error);
    await until(() => troubles.some(({ message }) => message.includes('WRONGPASS')));
    const shown = inspect([troubles, refusal], { depth: 20, showHidden: true });
    expect(shown).toContain('WRONGPASS');
    expect(shown).not.toContain(password);
  });
});

describe('the rights that a Redis is asked for', () => {
  it('are all that BullMQ’s scripts need', () => {
    const bullmq = path.dirname(createRequire(import.meta.url).resolve('bullmq/package.json'));
    const folder = path.join(bullmq, 'dist/cjs/scripts');
    const scripts = readdirSync(folder).filter((file) => file.endsWith('.js'));
    const used = scripts.flatMap((file) =>
      [...readFileSync(path.join(folder, file), 'utf8').matchAll(/(?:redis\.call|rcall)\(\s*["'](\w+)["']/g)].map(
        ([, name = '']) => name.toLowerCase(),
      ),
    );
    expect(used.length).toBeGreaterThan(500);
    const asked = new Set(needs('berth').map(([name]) => name));
    expect([...new Set(used)].filter((name) => !asked.has(name))).toEqual([]);
  });
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
