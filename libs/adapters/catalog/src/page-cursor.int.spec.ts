import { randomUUID } from 'node:crypto';
import { parseTenantId } from '@berth/domain';
import type { Page, PageRequest } from '@berth/ports';
import { startPostgres, type TestPostgres } from '@berth/testing';
import fc from 'fast-check';
import { openCatalog, type OpenCatalog } from './open-catalog.js';

const count = 41;
let server: TestPostgres;
let catalog: OpenCatalog;

beforeAll(async () => {
  server = await startPostgres();
  catalog = await openCatalog(server.adminUrl(await server.createDatabase()));
  await catalog.migrate();
  for (let index = 0; index < count; index += 1) {
    // Ids whose order by bytes is not their order by a dictionary: hyphens beside digits and letters.
    const tenantId = parseTenantId(`t${['-a', 'a', '0', '-0', 'z-', 'a-b'][index % 6] ?? ''}${String(index)}`);
    await catalog.operations.create({
      ...{ id: randomUUID(), kind: 'provision-tenant', saga: 'provision-shared', sagaVersion: 1, tenantId },
      ...{ clusterIds: [], input: {}, requestedBy: 'test', newTenant: { plan: 'free', constraints: { labels: {} } } },
      steps: [{ name: 'one', description: 'One.', pointOfNoReturn: false }],
    });
    const key = { name: 'k', scopes: ['billing'], tenantId: null, expiresAt: null } as const;
    await catalog.apiKeys.create({ id: randomUUID(), ...key }, String(index).padStart(64, '0'));
    const entry = { actor: 'test', action: 'x', tenantId: null, from: null, answer: '200', operationId: null };
    await catalog.audit.append({ ...entry, object: String(index) });
  }
});
afterAll(async () => {
  await catalog.close();
  await server.stop();
});

type List = (page: PageRequest) => Promise<Page<unknown>>;
const lists: Readonly<Record<string, List>> = {
  tenants: async (page) => idsOf(await catalog.tenants.list({}, page)),
  operations: async (page) => idsOf(await catalog.operations.list({}, page)),
  'API keys': async (page) => idsOf(await catalog.apiKeys.list(page)),
  'audit entries': async (page) => {
    const { items, next } = await catalog.audit.list({}, page);
    return { items: items.map(({ number }) => number), next };
  },
};

function idsOf({ items, next }: Page<{ readonly id: string }>): Page<string> {
  return { items: items.map(({ id }) => id), next };
}

it.each(Object.keys(lists))('any mix of page sizes lists the %s each once, in one order', async (name) => {
  const list = lists[name]!;
  const whole = (await list({ limit: 200 })).items;
  expect(new Set(whole).size).toBe(count);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }), async (sizes) => {
      const seen: unknown[] = [];
      let cursor: string | null = null;
      for (let turn = 0; turn === 0 || cursor !== null; turn += 1) {
        const limit = sizes[turn % sizes.length] ?? 1;
        const page: Page<unknown> = await list({ limit, ...(cursor !== null && { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        seen.push(...page.items);
        cursor = page.next;
      }
      expect(seen).toEqual(whole);
    }),
    { numRuns: 40 },
  );
});

it('takes no cursor that it did not give, in whatever way it is made up', async () => {
  const made = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 30 }).map((text) => Buffer.from(`t:${text}`).toString('base64url')),
    fc.stringMatching(/^[okma]:[0-9]{1,25}$/).map((text) => Buffer.from(text).toString('base64url')),
  );
  await fc.assert(
    fc.asyncProperty(made, async (cursor) => {
      const answer = await catalog.tenants.list({}, { limit: 1, cursor }).catch((error: unknown) => error);
      const wellFormed = /^t:[a-z0-9-]{1,63}$/.test(Buffer.from(cursor, 'base64url').toString('utf8'));
      if (wellFormed && answer instanceof Error) expect(answer).toMatchObject({ code: 'invalid-cursor' });
      if (!wellFormed) expect(answer).toMatchObject({ code: 'invalid-cursor' });
    }),
    { numRuns: 2_000 },
  );
});
