import { jest } from '@jest/globals';
import type { TenantId } from '@berth/domain';
import { catalogQuestions, fillCatalog, startPostgres, type TestPostgres } from '@berth/testing';
import pg from 'pg';
import { openCatalog, type OpenCatalog } from './open-catalog.js';

const size = { tenants: 10_000, operations: 30_000 };

const scans = /* sql */ `
  SELECT relname || ' ' || seq_scan FROM pg_stat_user_tables
  WHERE schemaname = 'berth' AND n_live_tup > 5000 ORDER BY 1
`;

const bigTables = /* sql */ `
  SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'berth' AND n_live_tup > 5000 ORDER BY 1
`;

interface Planned {
  readonly statement: string;
  /** A line each, as EXPLAIN tells it. */
  readonly plan: string;
}

type Ask = (this: pg.Client, ...words: readonly unknown[]) => Promise<pg.QueryResult<{ 'QUERY PLAN': string }>>;

/** Every statement that a session sends from now on, with its plan: the same session is asked for it, with the same values, right before. */
function watchPlans(): { readonly take: () => Promise<readonly Planned[]>; readonly stop: () => void } {
  let asked: Promise<Planned>[] = [];
  const { query }: { readonly query: unknown } = pg.Client.prototype;
  const send = query as Ask;
  const spy = jest.spyOn(pg.Client.prototype, 'query');
  spy.mockImplementation(function (this: pg.Client, ...words: readonly unknown[]) {
    const [text, values] = words;
    const go = () => send.apply(this, [...words]);
    if (typeof text !== 'string' || !/^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.test(text)) return go() as never;
    const told = send
      .call(this, `EXPLAIN ${text}`, Array.isArray(values) ? values : [])
      .then(({ rows }) => ({ statement: text, plan: rows.map((row) => row['QUERY PLAN']).join('\n') }));
    asked.push(told);
    return told.then(go, go) as never;
  });
  return {
    take: async () => {
      const taken = asked;
      asked = [];
      return Promise.all(taken);
    },
    stop: () => spy.mockRestore(),
  };
}

/** Tables of these that the plan reads from end to end. */
function scannedWhole({ plan }: Planned, tables: readonly string[]): readonly string[] {
  return tables.filter((table) => new RegExp(`Seq Scan on (berth\\.)?${table}\\b`).test(plan));
}

/** A tenant's operation from its start to its end, as desk and runner write it. */
async function runOne({ operations, journal }: OpenCatalog, tenantId: TenantId): Promise<void> {
  const id = `of-${tenantId}`;
  const steps = [{ name: 'one', description: 'One.', pointOfNoReturn: false }];
  const common = { kind: 'repair-tenant', saga: 's', sagaVersion: 1, clusterIds: ['c1'], input: {} } as const;
  await operations.create({ ...common, id, tenantId, requestedBy: 'x', steps });
  const answer = await journal.claim(id, { owner: 'w', leaseMs: 60_000 });
  if (answer.kind !== 'claimed') throw new Error(answer.kind);
  await journal.renew(answer.operation.lease, 60_000);
  await journal.recordStep(answer.operation.lease, 'one', { kind: 'started' });
  await operations.requestCancel(id);
  await journal.settle(answer.operation.lease, { state: 'queued' });
}

describe('a catalog with many tenants and operations', () => {
  let server: TestPostgres;
  let database: string;
  beforeAll(async () => {
    server = await startPostgres();
    database = await server.createDatabase();
    const making = await openCatalog(server.adminUrl(database));
    await making.migrate();
    await making.close();
    await server.psql(fillCatalog(size), database);
    await server.psql('VACUUM ANALYZE', database);
  });
  afterAll(async () => {
    await server.stop();
  });

  it('reads no big table from end to end', async () => {
    const before = await server.psql(scans, database);
    const catalog = await openCatalog(server.adminUrl(database));
    for (const ask of Object.values(catalogQuestions(catalog, size))) await ask(1);
    await runOne(catalog, 't-0005001' as TenantId);
    // A session tells the statistics what it did when it ends, at the latest.
    await catalog.close();
    const others = `SELECT count(*) FROM pg_stat_activity WHERE datname = '${database}' AND application_name = 'berth'`;
    while ((await server.psql(others)) !== '0');
    expect(await server.psql(scans, database)).toBe(before);
  });

  it('is asked by plans that read no big table from end to end', async () => {
    const tables = (await server.psql(bigTables, database)).split('\n');
    for (const table of ['tenants', 'operations', 'moves', 'placements', 'audit_log']) expect(tables).toContain(table);
    const plans = watchPlans();
    try {
      const catalog = await openCatalog(server.adminUrl(database), { poolSize: 2 });
      const questions: ReturnType<typeof catalogQuestions> = {
        ...catalogQuestions(catalog, size),
        'one operation': () => runOne(catalog, 't-0006001' as TenantId),
      };
      const scans: string[] = [];
      const unplanned: string[] = [];
      await plans.take();
      for (const [name, ask] of Object.entries(questions)) {
        await ask(1);
        const planned = await plans.take();
        if (planned.length === 0) unplanned.push(name);
        for (const one of planned)
          for (const table of scannedWhole(one, tables)) scans.push(`${name}: ${table}\n${one.statement}\n${one.plan}`);
      }
      await catalog.close();
      expect(unplanned).toEqual([]);
      expect(scans).toEqual([]);
    } finally {
      plans.stop();
    }
  });
});
