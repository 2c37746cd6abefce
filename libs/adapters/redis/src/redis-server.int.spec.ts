import { readFile } from 'node:fs/promises';
import { createServer, connect, type Server, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { BerthError } from '@berth/domain';
import { redisPart, startRedis, type TestRedis, whenAvailable } from '@berth/testing';
import { rulesFor } from './needs.js';
import { RedisServer } from './redis-server.js';

const password = 'hunter2 is/100% secret';

async function refusal(
  url: string,
  more: { readonly caFile?: string; readonly prefix?: string } = {},
): Promise<BerthError> {
  const server = await RedisServer.at({ url, prefix: 'berth', ...more });
  const error: unknown = await server.check().then(
    () => new Error('it was not refused'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(BerthError);
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('hunter2');
  return error as BerthError;
}

const passes = async (url: string, more: { readonly caFile?: string; readonly prefix?: string } = {}): Promise<void> =>
  (await RedisServer.at({ url, prefix: 'berth', ...more })).check();

whenAvailable(redisPart, 'a Redis is refused that', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis({
      users: {
        enough: { password, rules: rulesFor('berth') },
        reader: { password, rules: '~berth:* -@all +@read +@connection +@scripting +multi +discard +info' },
        elsewhere: { password, rules: '~other:* +@all' },
        blind: { password, rules: `${rulesFor('berth')} -info` },
        nothing: { password, rules: '-@all' },
      },
    });
  });
  afterEach(() => redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction'));
  afterAll(() => redis.stop());

  it('evicts: with the reason and the command that mends it', async () => {
    await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const { code, message, hint } = await refusal(redis.url);
    expect([code, message]).toEqual([
      'redis-unfit',
      'The eviction policy of this Redis is allkeys-lru: when memory runs short it would drop jobs without a word, where noeviction refuses new ones and says so.',
    ]);
    const command = /redis-cli -h \S+ -p \d+ (CONFIG SET maxmemory-policy noeviction)/.exec(hint ?? '')?.[1];
    await redis.cli(...(command ?? '').split(' '));
    await passes(redis.url);
  });

  it('evicts, also told to a user who may not read its configuration', async () => {
    await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl');
    expect((await refusal(redis.urlOf('enough'))).message).toMatch(/eviction policy of this Redis is volatile-ttl/);
  });

  it('lets its user only read: with what is lacking and the command that mends it', async () => {
    const { code, message, hint } = await refusal(redis.urlOf('reader'));
    expect(code).toBe('redis-unfit');
    expect(message).toMatch(
      /^The user reader of this Redis may not run time, del, unlink, rename, persist and \d+ more on keys that begin with berth:, which the queue needs\.$/,
    );
    const rules =
      /ACL SETUSER reader (.*)$/
        .exec(hint ?? '')?.[1]
        ?.replaceAll("'", '')
        .split(' ') ?? [];
    await redis.cli('ACL', 'SETUSER', 'reader', ...rules);
    await passes(redis.urlOf('reader'));
  });

  it('keeps the keys of our prefix from its user', async () => {
    expect((await refusal(redis.urlOf('elsewhere'))).message).toMatch(
      /may not run eval, .* on keys that begin with berth:/,
    );
    await passes(redis.urlOf('elsewhere'), { prefix: 'other' });
  });

  it.each(['blind', 'nothing'])('lets its user %s not even ask', async (user) => {
    const { code, message } = await refusal(redis.urlOf(user));
    expect([code, message]).toEqual(['redis-unfit', expect.stringMatching(/may not run (info|multi) on keys/)]);
  });

  it('does not know the password', async () => {
    const { code, message } = await refusal(redis.urlOf('enough', 'hunter2'));
    expect([code, message]).toEqual(['redis-unfit', expect.stringMatching(/refuses the login: WRONGPASS/)]);
  });

  it('is too old: one that says of itself that it is', async () => {
    const old = await saying(redis.port, 'redis_version:7.0.15', 'redis_version:6.0.16');
    const { code, message } = await refusal(old.url);
    expect([code, message]).toEqual(['redis-unfit', 'This Redis is of version 6.0.16; the queue needs 6.2 or newer.']);
    await old.close();
  });

  it('has more than one fault: all are told at once', async () => {
    await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random');
    const old = await saying(redis.port, 'redis_version:7.0.15', 'redis_version:5.0.14');
    expect((await refusal(old.url)).message).toMatch(/version 5\.0\.14.*allkeys-random/);
    await old.close();
  });

  it('is a node of a cluster', async () => {
    const node = await startRedis({ settings: ['cluster-enabled yes'] });
    const { message } = await refusal(node.url).finally(() => node.stop());
    expect(message).toMatch(/node of a Redis Cluster/);
  });

  it('is not there: not unfit, for it may come', async () => {
    const { code, retry, message } = await refusal(`redis://berth:${encodeURIComponent(password)}@127.0.0.1:1`);
    expect([code, retry]).toEqual(['queue-unavailable', 'backoff']);
    expect(message).toBe('The Redis at 127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('leaves no key behind when it was asked', async () => {
    await redis.cli('FLUSHALL');
    await passes(redis.url);
    expect(await redis.cli('DBSIZE')).toBe('0');
  });
});

it('docs/configuration.md tells the very rights that are asked for', async () => {
  const text = await readFile(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');
  expect(text).toContain(`ACL SETUSER berth on >a-long-password ${rulesFor('berth')}\n`);
});

whenAvailable(redisPart, 'a Redis with TLS', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis({ tls: true, settings: ['bind 127.0.0.1 127.0.0.2'] });
  });
  afterAll(() => redis.stop());

  it.each(['127.0.0.1', 'localhost'])('is believed at %s with the file of its certificate', async (host) => {
    await passes(`rediss://${host}:${String(redis.port)}`, { caFile: redis.caFile });
  });

  it('is not believed without', async () => {
    const { code, message } = await refusal(redis.url);
    expect([code, message]).toEqual(['redis-unfit', expect.stringMatching(/certificate .* is not trusted/)]);
  });

  it('is not believed under another name', async () => {
    const url = `rediss://127.0.0.2:${String(redis.port)}`;
    const { code, message } = await refusal(url, { caFile: redis.caFile });
    expect([code, message]).toEqual(['redis-unfit', expect.stringMatching(/not trusted/)]);
  });

  it('is not found by plain text', async () => {
    expect((await refusal(`redis://127.0.0.1:${String(redis.port)}`)).code).toBe('queue-unavailable');
  });

  it('cannot be asked with a file that is not there', async () => {
    const at = RedisServer.at({ url: redis.url, caFile: '/nonexistent/ca.pem', prefix: 'berth' });
    await expect(at).rejects.toMatchObject({ code: 'config-invalid' });
  });
});

whenAvailable(redisPart, 'a failover', () => {
  it('is followed: a connection to what has become a replica asks again who is the primary', async () => {
    const [old, next] = await Promise.all([startRedis(), startRedis()]);
    let primary = old.port;
    const name = await forwarding(() => primary);
    const connection = (await RedisServer.at({ url: name.url, prefix: 'berth' })).connect('ask');
    connection.on('error', () => undefined);
    await connection.set('berth:a', '1');
    await old.cli('REPLICAOF', '127.0.0.1', String(next.port));
    primary = next.port;
    await connection.set('berth:a', '2');
    expect(await next.cli('GET', 'berth:a')).toBe('2');
    connection.disconnect();
    await name.close();
    await Promise.all([old.stop(), next.stop()]);
  });
});

/** The real server, but for one thing that it says. Both are of one length, as Redis tells lengths beforehand. */
function saying(port: number, truth: string, instead: string): ReturnType<typeof forwarding> {
  return forwarding(
    () => port,
    (text) => text.replace(truth, instead),
  );
}

async function forwarding(to: () => number, change: (text: string) => string = (text) => text) {
  const server: Server = createServer((client) => {
    const redis = connect(to(), '127.0.0.1');
    client.pipe(redis).on('error', () => client.destroy());
    redis.on('data', (bytes) => client.write(Buffer.from(change(bytes.toString('latin1')), 'latin1')));
    redis.on('close', () => client.destroy());
    client.on('error', () => redis.destroy()).on('close', () => redis.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `redis://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return { url, close: () => new Promise<void>((resolve) => void server.close(() => resolve())) };
}
