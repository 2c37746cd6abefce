import { BerthError } from '@berth/domain';
import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import fc from 'fast-check';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const catalog = new InMemoryCatalog();
const desk = new FakeOperationDesk(catalog);
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({
    ...catalog,
    desk,
    probe: new FakeClusterProbe(),
    queue: new FakeJobQueue(),
    secrets: new FakeSecretStore(),
  });
});
afterAll(() => api.close());

const create = (key: string, id: string, apiKey = api.adminKey) =>
  api.call('POST', '/v1/tenants', { key: apiKey, body: { id, plan: 'starter' }, headers: { 'idempotency-key': key } });

describe('an Idempotency-Key', () => {
  it('gives the same answer again, word for word, and does nothing', async () => {
    const first = await create('k1', 'once');
    const requests = desk.requests.length;
    const again = await create('k1', 'once');
    expect([again.status, again.text, again.headers['location']]).toEqual([202, first.text, first.headers['location']]);
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true']);
    expect(desk.requests).toHaveLength(requests);
  });

  it('gives a refusal again too', async () => {
    const first = await create('k2', 'once');
    const again = await create('k2', 'once');
    expect([first.status, again.status, again.text]).toEqual([409, 409, first.text]);
    expect(again.headers['content-type']).toContain('application/problem+json');
  });

  it('refuses another body, another query and another precondition', async () => {
    await create('k3', 'thrice');
    expect((await create('k3', 'another')).body['code']).toBe('idempotency-key-reused');
    const dry = await api.call('POST', '/v1/tenants?dryRun=true', {
      body: { id: 'thrice', plan: 'starter' },
      headers: { 'idempotency-key': 'k3' },
    });
    expect([dry.status, dry.body['code']]).toEqual([409, 'idempotency-key-reused']);
  });

  it('refuses a second call while the first is running', async () => {
    const start = desk.start.bind(desk);
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      desk.start = async (...given) => {
        resolve();
        await held;
        return start(...given);
      };
    });
    const first = create('k4', 'at-once');
    await reached;
    const second = await create('k4', 'at-once');
    desk.start = start;
    goOn();
    expect([second.status, second.body['code'], (await first).status]).toEqual([409, 'idempotency-key-in-use', 202]);
  });

  it('belongs to one API key and one route', async () => {
    const other = await api.keyWith({});
    await create('k5', 'mine');
    expect((await create('k5', 'theirs', other)).status).toBe(202);
    const repaired = await api.call('POST', '/v1/tenants/mine/repair', { headers: { 'idempotency-key': 'k5' } });
    expect(repaired.body['code']).toBe('operation-in-progress');
  });

  it('is forgotten when we failed', async () => {
    const start = desk.start.bind(desk);
    desk.start = () => Promise.reject(new BerthError('queue-unavailable', 'The queue is away.'));
    const failed = await create('k6', 'unlucky');
    desk.start = start;
    expect([failed.status, (await create('k6', 'unlucky')).status]).toEqual([503, 202]);
  });

  it('is not used up by a request that could not be read', async () => {
    expect((await create('k7', 'Not-A-Name')).status).toBe(400);
    expect((await create('k7', 'a-name')).status).toBe(202);
  });

  it.each(['with space', '', 'ü', 'x'.repeat(256)])('must be printable: %p', async (key) => {
    expect((await create(key, 'whatever')).status).toBe(400);
  });

  it('keeps no API key that was shown once', async () => {
    const make = () =>
      api.call('POST', '/v1/api-keys', {
        body: { name: 'ci', scopes: ['billing'] },
        headers: { 'idempotency-key': 'k8' },
      });
    const [first, again] = [await make(), await make()];
    expect(first.body['key']).toMatch(/^berth_/);
    expect(again.body).toEqual({ ...first.body, key: null });
    const kept = JSON.stringify(
      [...(Object.values(catalog.memory) as unknown[])].map((part) =>
        part instanceof Map ? [...(part as Map<unknown, unknown>).values()] : part,
      ),
    );
    expect(kept).not.toContain(first.body['key']);
  });

  it('gives, in any order of calls, the first answer to the first request and a refusal to every other', async () => {
    const calls = fc.array(fc.record({ key: fc.constantFrom('p1', 'p2', 'p3'), body: fc.nat(2) }), { maxLength: 12 });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(calls, async (all) => {
        round += 1;
        const first = new Map<string, { readonly body: number; readonly text: string }>();
        for (const { key, body } of all) {
          const name = `r${String(round)}-${key}`;
          const reply = await create(name, `round-${String(round)}-${String(body)}`);
          const known = first.get(name);
          if (known === undefined) first.set(name, { body, text: reply.text });
          else if (known.body === body) expect(reply.text).toBe(known.text);
          else expect([reply.status, reply.body['code']]).toEqual([409, 'idempotency-key-reused']);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('works with any key that is printable, and refuses every other with nothing done', async () => {
    let round = 0;
    // Those of the other tests are used up.
    const seen = new Set(Array.from({ length: 10 }, (_, index) => `k${String(index)}`));
    const keys = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.stringMatching(/^[!-~]{1,260}$/));
    await fc.assert(
      fc.asyncProperty(keys, async (key) => {
        // What HTTP itself cannot carry never reaches an API.
        fc.pre(/^[\t\x20-\x7e\x80-\xff]*$/.test(key) && key.trim() === key && !seen.has(key));
        seen.add(key);
        const requests = desk.requests.length;
        const reply = await create(key, `any-${String((round += 1))}`);
        const printable = /^[!-~]{1,255}$/.test(key);
        expect(reply.status).toBe(printable ? 202 : 400);
        expect(desk.requests.length - requests).toBe(printable ? 1 : 0);
      }),
      { numRuns: 300 },
    );
  });
});
