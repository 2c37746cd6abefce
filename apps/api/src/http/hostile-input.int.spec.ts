import { openCatalog, type OpenCatalog } from '@berth/catalog';
import { parseTenantId, secretRefs } from '@berth/domain';
import {
  FakeClusterProbe,
  FakeJobQueue,
  FakeOperationDesk,
  FakeSecretStore,
  isShortRun,
  startPostgres,
  type TestPostgres,
} from '@berth/testing';
import fc from 'fast-check';
import { startTestApi, type Reply, type TestApi } from '../testing/test-api.js';

let postgres: TestPostgres;
let catalog: OpenCatalog;
const secrets = new FakeSecretStore();
let api: TestApi;

beforeAll(async () => {
  postgres = await startPostgres();
  catalog = await openCatalog(postgres.adminUrl(await postgres.createDatabase()));
  await catalog.migrate();
  const parts = { desk: new FakeOperationDesk(catalog), probe: new FakeClusterProbe(), queue: new FakeJobQueue() };
  api = await startTestApi({ ...catalog, ...parts, secrets });
});
afterAll(async () => {
  await api.close();
  await catalog.close();
  await postgres.stop();
});

const examples = isShortRun() ? { ids: 500, others: 200 } : { ids: 10_000, others: 10_000 };
/** Ten thousand requests and what is read back of each: minutes, on a machine that is busy elsewhere hours. */
const patienceMs = 3 * 3_600_000;

const awkward = fc.constantFrom(
  ...[
    "'; DROP SCHEMA public; --",
    '"',
    '\\',
    '../../etc',
    '%00',
    '%2f',
    '${x}',
    '{{x}}',
    '\0',
    '\n',
    '\ud800',
    '\u202e',
  ],
  ...[
    '🚢',
    'ﬁ',
    'İ',
    'ß',
    '__proto__',
    'constructor',
    '-',
    '_',
    'a',
    'tenant',
    'pg_',
    '0',
    ' ',
    '\t',
    '//',
    '?',
    '#',
    '@',
    ':',
  ],
);
const texts = fc
  .array(fc.oneof(awkward, fc.string({ unit: 'binary', maxLength: 8 }), fc.stringMatching(/^[a-z0-9-]{1,12}$/)), {
    maxLength: 8,
  })
  .map((pieces) => pieces.join(''));

/** One clear refusal, never a failure of ours. */
function isRefused({ status, body }: Reply): void {
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(body).toMatchObject({ code: expect.any(String), detail: expect.any(String), status });
}

const tenantsOf = async (): Promise<number> =>
  Object.values(await catalog.tenants.countByState()).reduce((sum, n) => sum + n, 0);

describe('of many hostile', () => {
  it(
    'tenant ids each is refused with nothing done, or becomes a tenant',
    async () => {
      let made = 0;
      await fc.assert(
        fc.asyncProperty(fc.oneof(texts, fc.stringMatching(/^[a-z][a-z0-9-]{2,9}$/)), async (id) => {
          const reply = await api.call('POST', '/v1/tenants', { body: { id, plan: 'starter' } });
          if (reply.status !== 202) isRefused(reply);
          else {
            made += 1;
            expect(parseTenantId(id)).toBe(id);
            expect((await api.call('GET', `/v1/tenants/${id}`)).body).toMatchObject({ id, state: 'provisioning' });
          }
          // In the path as well, encoded: found or refused.
          const shown = await api.call('GET', `/v1/tenants/${encodeURIComponent(Buffer.from(id).toString())}`);
          if (shown.status !== 200) isRefused(shown);
        }),
        { numRuns: examples.ids },
      );
      expect(made).toBeGreaterThan(20);
      expect(await tenantsOf()).toBe(made);
    },
    patienceMs,
  );

  it(
    'passwords each is kept as it was given, or refused with nothing kept',
    async () => {
      let count = 0;
      await fc.assert(
        fc.asyncProperty(texts, texts, async (username, password) => {
          const id = `hostile-${String((count += 1))}`;
          const body = { id, host: 'db-1.internal', sslMode: 'disable', admin: { username, password } };
          const reply = await api.call('POST', '/v1/clusters', { body });
          const kept = await secrets.read(secretRefs.clusterAdmin(id));
          if (reply.status === 201) expect(kept?.document).toEqual({ username, password });
          else {
            isRefused(reply);
            expect(kept).toBeNull();
            expect(await catalog.clusters.get(id)).toBeNull();
          }
          if (password.length > 12) expect(reply.text).not.toContain(JSON.stringify(password).slice(1, -1));
        }),
        { numRuns: examples.others },
      );
    },
    patienceMs,
  );

  it(
    'labels each comes back as it was given, or is refused with the old ones kept',
    async () => {
      let before: unknown = {};
      const admin = { username: 'berth_admin', password: 'only-a-test' };
      const body = { id: 'shared-1', host: 'db-1.internal', sslMode: 'disable', admin };
      expect((await api.call('POST', '/v1/clusters', { body })).status).toBe(201);
      await fc.assert(
        fc.asyncProperty(fc.dictionary(texts, texts, { maxKeys: 4 }), async (labels) => {
          const reply = await api.call('PATCH', '/v1/clusters/shared-1', { body: { labels } });
          if (reply.status === 200) before = { ...labels };
          else isRefused(reply);
          expect((await api.call('GET', '/v1/clusters/shared-1')).body['labels']).toEqual(before);
        }),
        { numRuns: examples.others },
      );
    },
    patienceMs,
  );
});
