import { type CatalogSubject, describeCatalogContract, startPostgres, type TestPostgres } from '@berth/testing';
import pg from 'pg';
import { openCatalog, type OpenCatalog } from './open-catalog.js';

/** One database for all tests of this file, emptied between them: making one takes longer than most tests. */
let server: TestPostgres;
let first: OpenCatalog;
let second: OpenCatalog;
let direct: pg.Pool;

beforeAll(async () => {
  server = await startPostgres();
  const url = server.adminUrl(await server.createDatabase());
  first = await openCatalog(url);
  second = await openCatalog(url);
  await Promise.all([first.migrate(), second.migrate()]);
  direct = new pg.Pool({ connectionString: url, max: 2 });
});

afterAll(async () => {
  await Promise.all([first.close(), second.close(), direct.end()]);
  await server.stop();
});

const empty = /* sql */ `
  DELETE FROM berth.migration_failures; DELETE FROM berth.migration_ledger; DELETE FROM berth.idempotency_keys;
  DELETE FROM berth.audit_log; UPDATE berth.audit_head SET number = 0, hash = ''; DELETE FROM berth.api_keys;
  TRUNCATE berth.isolation_proofs; DELETE FROM berth.client_reports; DELETE FROM berth.announced_places; DELETE FROM berth.drains; DELETE FROM berth.moves; DELETE FROM berth.operations; DELETE FROM berth.placements; DELETE FROM berth.tenants;
  DELETE FROM berth.clusters; DELETE FROM berth.poolers; DELETE FROM berth.plans WHERE name NOT IN ('free', 'starter', 'pro', 'enterprise');
`;

const age = /* sql */ `
  UPDATE berth.operations SET lease_until = lease_until - i, next_attempt_at = next_attempt_at - i
    FROM (SELECT $1 * interval '1 millisecond' AS i) AS past
`;
const ageKeys = /* sql */ `
  UPDATE berth.idempotency_keys SET locked_until = locked_until - i, expires_at = expires_at - i
    FROM (SELECT $1 * interval '1 millisecond' AS i) AS past
`;
const ageDrains = /* sql */ `
  UPDATE berth.drains SET driven_until = driven_until - $1 * interval '1 millisecond'
`;
const ageProofs = /* sql */ `
  UPDATE berth.isolation_proofs SET worked_until = worked_until - $1 * interval '1 millisecond' WHERE state <> 'ended'
`;
const ageUses = /* sql */ `
  UPDATE berth.api_keys SET last_used_at = last_used_at - $1 * interval '1 millisecond'
`;

const ageReports = /* sql */ `
  UPDATE berth.client_reports SET first_seen_at = first_seen_at - i, last_seen_at = last_seen_at - i
    FROM (SELECT $1 * interval '1 millisecond' AS i) AS past
`;

const ageAnnouncements = /* sql */ `
  UPDATE berth.announced_places SET announced_at = announced_at - $1 * interval '1 millisecond'
`;

async function subject(): Promise<CatalogSubject> {
  await direct.query(empty);
  return {
    catalog: first,
    other: second,
    passTime: async (ms) => {
      for (const sql of [age, ageKeys, ageDrains, ageProofs, ageUses, ageReports, ageAnnouncements])
        await direct.query(sql, [ms]);
    },
    now: () => new Date(),
    close: async () => undefined,
  };
}

describeCatalogContract('the PostgreSQL catalog', subject);

it.each([
  ['changed', `UPDATE berth.isolation_proofs SET verdict = 'isolated'`],
  ['removed', 'DELETE FROM berth.isolation_proofs'],
])('a proof that has ended is not %s, whoever tries', async (_how, sql) => {
  await subject();
  await first.proofs.request({ id: 'p1', clusterId: 'c1', requestedBy: 'test' });
  const report = { tenants: 2, pairs: 2, allPairs: 2, sample: null, poolers: [], counts: [], rows: [] };
  await first.proofs.end('p1', 'broken', report);
  await expect(direct.query(sql)).rejects.toMatchObject({ code: '55000' });
  expect(await first.proofs.newestOf('c1')).toMatchObject({ verdict: 'broken' });
});

describe('the audit chain in PostgreSQL', () => {
  const verifyAfter = async (tamper: string) => {
    await subject();
    for (const object of ['one', 'two', 'three', 'four']) {
      const entry = { actor: 'key:k1', action: 'x', tenantId: null, from: null, answer: '200', operationId: null };
      await first.audit.append({ ...entry, object });
    }
    await direct.query(tamper);
    return await first.audit.verify();
  };

  it.each([
    ['nothing', 'SELECT 1', null],
    ['an altered entry', `UPDATE berth.audit_log SET answer = '500' WHERE number = 2`, 2],
    ['an altered time', `UPDATE berth.audit_log SET at = at + interval '1 ms' WHERE number = 3`, 3],
    [
      'an altered entry with a hash of its own',
      `UPDATE berth.audit_log SET object = 'x', hash = repeat('0', 64) WHERE number = 2`,
      2,
    ],
    ['a removed entry', 'DELETE FROM berth.audit_log WHERE number = 2', 2],
    ['a removed first entry', 'DELETE FROM berth.audit_log WHERE number = 1', 1],
    ['a removed last entry', 'DELETE FROM berth.audit_log WHERE number = 4', 4],
    [
      'an inserted entry',
      `INSERT INTO berth.audit_log SELECT 5, at, actor, action, tenant_id, object, origin, answer, operation_id, hash
       FROM berth.audit_log WHERE number = 4`,
      5,
    ],
    [
      'an entry pushed in between',
      `UPDATE berth.audit_log SET number = -number; UPDATE berth.audit_log SET number = 1 - number WHERE number < -2;
       UPDATE berth.audit_log SET number = -number WHERE number < 0;
       INSERT INTO berth.audit_log SELECT 3, at, actor, action, tenant_id, 'false', origin, answer, operation_id, hash
       FROM berth.audit_log WHERE number = 2`,
      3,
    ],
    [
      'two entries exchanged',
      `UPDATE berth.audit_log SET number = -number WHERE number IN (2, 3);
       UPDATE berth.audit_log SET number = 5 + number WHERE number < 0`,
      2,
    ],
  ])('finds %s', async (_what, tamper, brokenAt) => {
    expect((await verifyAfter(tamper)).brokenAt).toBe(brokenAt);
  });

  it('keeps text that PostgreSQL cannot hold as it is', async () => {
    await subject();
    const entry = { actor: 'a\0b', action: 'x', tenantId: null, from: null, answer: '200', operationId: null };
    await first.audit.append({ ...entry, object: 'half a pair \ud800' });
    expect(await first.audit.verify()).toEqual({ entries: 1, brokenAt: null });
  });
});
