import { setTimeout as pause } from 'node:timers/promises';
import { RedisServer } from '@berth/redis';
import { describeRequestCounterContract, redisPart, startRedis, type TestRedis, whenAvailable } from '@berth/testing';
import { MemoryRequestCounter } from './memory-request-counter.js';
import { SharedRequestCounter } from './shared-request-counter.js';

const windowSeconds = 1;
const timing = { windowMs: windowSeconds * 1000, pass: (ms: number) => pause(ms) };

describeRequestCounterContract('in memory', async () => {
  const counter = new MemoryRequestCounter(windowSeconds);
  return { counter, other: null, ...timing, close: () => counter.close() };
});

whenAvailable(redisPart, 'on Redis', () => {
  let redis: TestRedis;
  let count = 0;
  const troubles: Error[] = [];
  const freshPrefix = (): string => `berth-${String((count += 1))}`;
  const onTrouble = (error: Error): void => void troubles.push(error);
  const at = async (prefix: string, seconds = windowSeconds): Promise<SharedRequestCounter> => {
    const server = await RedisServer.at({ url: redis.url, prefix });
    return new SharedRequestCounter({ redis: server, onTrouble }, seconds);
  };
  /** With more patience than a request of the API has: what is counted must not hang on how busy this machine is. */
  const patient = async (prefix: string): Promise<SharedRequestCounter> => {
    const server = await RedisServer.at({ url: redis.url, prefix });
    return new SharedRequestCounter(
      { redis: { prefix, connect: () => server.connect('ask') }, onTrouble },
      windowSeconds,
    );
  };
  beforeAll(async () => {
    redis = await startRedis();
  });
  beforeEach(() => (troubles.length = 0));
  afterAll(() => redis.stop());

  describeRequestCounterContract('on Redis', async () => {
    const prefix = freshPrefix();
    const [counter, other] = [await patient(prefix), await patient(prefix)];
    const close = async (): Promise<void> => {
      await Promise.all([counter.close(), other.close()]);
    };
    return { counter, other, ...timing, close };
  });

  it('keeps its keys under the prefix, and lets them expire', async () => {
    const counter = await patient('mine');
    await counter.add('key:a');
    expect(await redis.cli('KEYS', 'mine:*')).toBe('mine:requests:key:a');
    expect(Number(await redis.cli('PTTL', 'mine:requests:key:a'))).toBeGreaterThan(0);
    await counter.close();
  });

  it.each([
    ['is killed', () => redis.kill9(), () => redis.start()],
    ['says nothing', async () => redis.freeze(), async () => redis.thaw()],
    [
      'takes no writes',
      () => redis.cli('CONFIG', 'SET', 'min-replicas-to-write', '1'),
      () => redis.cli('CONFIG', 'SET', 'min-replicas-to-write', '0'),
    ],
  ])('counts alone while it %s, says so once, and counts with the others again afterwards', async (_, fail, mend) => {
    const prefix = freshPrefix();
    const [counter, other] = [await at(prefix, 60), await at(prefix, 60)];
    await until(async () => (await counter.add('key:0')) && (await other.look('key:0')).count > 0);
    troubles.length = 0;
    await fail();
    const began = performance.now();
    const alone = await Promise.all(Array.from({ length: 50 }, () => counter.add('key:a')));
    expect(Math.max(...alone.map((state) => state.count))).toBe(50);
    expect((await counter.look('key:a')).count).toBe(50);
    expect(performance.now() - began).toBeLessThan(900);
    expect(troubles).toHaveLength(1);
    await mend();
    await counter.add('key:b');
    await until(async () => (await counter.add('key:c')) && (await other.look('key:c')).count > 0);
    expect(troubles.length).toBeLessThanOrEqual(2); // Each of the two said it once.
    await Promise.all([counter.close(), other.close()]);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20);
}
