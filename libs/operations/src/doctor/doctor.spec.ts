import { type DoctorReport, secretRefs, type TenantId } from '@berth/domain';
import { FakeServerExaminer, FakeSystem } from '@berth/testing';

let system: FakeSystem;
let acme: Awaited<ReturnType<FakeSystem['readyTenant']>>;

beforeEach(async () => {
  system = new FakeSystem();
  for (const id of ['shared-1', 'shared-2']) await system.addCluster(id);
  acme = await system.readyTenant('acme', { clusterId: 'shared-1' });
});

const examine = (cluster: string | null = null) => system.doctor().examine(cluster);
const told = ({ findings }: DoctorReport) =>
  findings.map(({ check, severity, code, object, fix }) => [check, severity, code, object, fix?.kind ?? null]);
const mend = async (dryRun = false) => {
  const report = await examine();
  return await system.doctor().mend(report, { requestedBy: 'test', dryRun });
};
const moved = (strategy: 'online' | 'dump' = 'online', switchMode: 'auto' | 'manual' = 'auto') =>
  ({
    kind: 'move-tenant',
    tenantId: acme.tenantId,
    target: { tier: 'shared', clusterId: 'shared-2' },
    ...{ strategy, switchMode },
  }) as const;
/** As the servers of an online move look, which the fakes do not show by themselves. */
const showStreams = () => {
  for (const id of ['shared-1', 'shared-2'])
    system.examiner.show(id, {
      slots: [FakeServerExaminer.slot('berth_acme_g2_f')],
      streamParts: [{ kind: 'role', name: 'berth_acme_g2_f' }],
    });
};

it('finds nothing where all is as it should be, and says how much it has seen', async () => {
  const report = await examine();
  expect([told(report), report.notExamined]).toEqual([[], []]);
  expect(report).toMatchObject({ clusters: 2, tenants: 1 });
});

it('goes on where a cluster is away: that is a finding, and what is on it was not examined', async () => {
  await system.readyTenant('bakery', { clusterId: 'shared-2' });
  system.probe.cluster('shared-1').reachable = false;
  system.examiner.server('shared-1').reachable = false;
  const report = await examine();
  expect(told(report)).toEqual([['clusters', 'error', 'cluster-unreachable', 'cluster shared-1', null]]);
  expect(report.notExamined.map(({ check, object }) => [check, object])).toEqual([
    ['clusters', 'cluster shared-1, and all that is on it'],
    ['tenants', 'tenant acme'],
  ]);
  expect(report).toMatchObject({ clusters: 1, tenants: 1 });
});

it('says of a cluster that could be checked, and not be read, that it was not examined', async () => {
  system.examiner.server('shared-2').reachable = false;
  const report = await examine();
  expect(told(report)).toEqual([]);
  expect(report.notExamined).toMatchObject([{ check: 'clusters', object: expect.stringContaining('shared-2') }]);
});

it('prepares a cluster that is not what Berth needs', async () => {
  system.probe.cluster('shared-2').prepared = false;
  expect(told(await examine())).toEqual([
    ['clusters', 'error', 'cluster-not-prepared', 'cluster shared-2', 'prepare-cluster'],
  ]);
  expect(await mend()).toMatchObject([{ outcome: 'mended' }]);
  expect(told(await examine())).toEqual([]);
});

it('finds a tenant that differs, starts its repair, and leaves one alone whose operation is at work', async () => {
  system.database.damage(acme.place, 'login a');
  expect(told(await examine())).toEqual([['tenants', 'error', 'tenant-drifted', 'tenant acme', 'repair-tenant']]);
  const planned = await mend(true);
  expect(planned).toMatchObject([{ outcome: 'planned', message: 'Start the repair of tenant acme.' }]);
  expect(told(await examine())).toHaveLength(1);
  expect(await mend()).toMatchObject([{ outcome: 'started' }]);
  const report = await examine();
  expect(told(report)).toEqual([]);
  expect(report.notExamined).toMatchObject([
    { check: 'tenants', object: 'tenant acme', because: expect.stringMatching(/repair-tenant\) is at work/) },
  ]);
  const { items } = await system.catalog.operations.list({ kind: 'repair-tenant' }, { limit: 1 });
  await system.runOn(items[0]!.id);
  expect(await examine()).toMatchObject({ findings: [], notExamined: [], tenants: 1 });
});

it('finds secrets that are missing, or outdated, and those of nobody', async () => {
  await system.secrets.remove(secretRefs.tenantDb(acme.tenantId));
  const created = { expectedVersion: 0, metadata: {} };
  for (const ref of [secretRefs.tenantDb('ghost' as TenantId), secretRefs.clusterAdmin('gone')])
    await system.secrets.write(ref as never, { any: 'thing' }, created);
  expect(told(await examine())).toEqual([
    ['secrets', 'error', 'secret-missing', 'tenant acme', 'repair-tenant'],
    ['secrets', 'warning', 'secret-orphaned', 'secret clusters/gone/admin', null],
    ['secrets', 'warning', 'secret-orphaned', 'secret tenants/ghost/db', null],
  ]);
  const { items } = await (await mend(), system.catalog.operations.list({ kind: 'repair-tenant' }, { limit: 1 }));
  await system.runOn(items[0]!.id);
  await system.catalog.clusters.update('shared-1', { port: 6000 });
  expect(told(await examine('shared-1'))).toEqual([
    ['secrets', 'error', 'secret-outdated', 'tenant acme', 'repair-tenant'],
  ]);
});

it('asks for a backup of logins that are lost, which no repair can make again', async () => {
  await system.secrets.remove(secretRefs.tenantLogins(acme.tenantId));
  const report = await examine();
  expect(told(report)).toEqual([['secrets', 'error', 'secret-missing', 'tenant acme', null]]);
  expect(report.findings[0]?.remedy).toMatch(/Restore the secret/);
  expect(report.notExamined).toMatchObject([{ check: 'tenants', object: 'tenant acme' }]);
});

it('takes what a move needs for what it is, from its start to its end, and what is left afterwards for what that is', async () => {
  const { id } = await system.desk.start(moved('online', 'manual'), 'test');
  await system.runOn(id);
  showStreams();
  expect(told(await examine())).toEqual([]);
  await system.desk.requestSwitch(id);
  expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
  expect(told(await examine())).toEqual([]);
  await system.perform({ kind: 'complete-move', moveId: id });
  const report = await examine();
  const orphan = (cluster: string) => [
    ...['streams', 'error', 'stream-orphaned', `stream berth_acme_g2_f on cluster ${cluster}`, 'remove-stream'],
  ];
  expect(told(report)).toEqual([orphan('shared-1'), orphan('shared-2')]);
  expect(await mend()).toMatchObject([{ outcome: 'mended' }, { outcome: 'mended' }]);
  expect(told(await examine())).toEqual([]);
});

it('looks once more before it removes: what an operation has begun to need meanwhile stays', async () => {
  const { id } = await system.perform(moved());
  await system.perform({ kind: 'complete-move', moveId: id });
  showStreams();
  const report = await examine('shared-1');
  await system.desk.start({ kind: 'suspend-tenant', tenantId: acme.tenantId, reason: 'test' }, 'test');
  expect(await system.doctor().mend(report, { requestedBy: 'test', dryRun: false })).toMatchObject([
    { outcome: 'left', message: expect.stringMatching(/suspend-tenant\) is at work/) },
  ]);
  expect(system.examiner.server('shared-1').reading.slots).toHaveLength(1);
});

it('judges no tenant on which an operation was at work while it was looked at, though it has ended by then', async () => {
  const { drift } = system.examiner;
  system.examiner.drift = async (...given) => {
    const found = await drift.apply(system.examiner, given);
    const rotation = { kind: 'rotate-login', tenantId: acme.tenantId, graceMs: 0, settleMs: 0 } as const;
    await system.perform(rotation);
    return new Map([...found.keys()].map((id) => [id, [finding]]));
  };
  const finding = { code: 'wrong-password', severity: 'error', object: 'role', message: 'Old.', remedy: '' } as const;
  const report = await examine();
  expect(told(report)).toEqual([]);
  expect(report.notExamined).toMatchObject([{ object: 'tenant acme', because: expect.stringMatching(/meanwhile/) }]);
});

it('never removes a stream of a move that this catalog does not know', async () => {
  const slots = ['berth_acme_g9_f', 'berth_ghost_g2_r'].map((name) => FakeServerExaminer.slot(name));
  system.examiner.show('shared-1', { slots });
  expect(told(await examine()).map(([, severity, code, , fix]) => [severity, code, fix])).toEqual([
    ['error', 'stream-orphaned', null],
    ['error', 'stream-orphaned', null],
  ]);
  expect(await mend()).toEqual([]);
});

it('tells how much log is kept: for a move, and for slots of others', async () => {
  await system.perform(moved());
  const slot = FakeServerExaminer.slot;
  const slots = [
    slot('berth_acme_g2_f', { retainedBytes: 9 * 2 ** 30 }),
    slot('berth_acme_g2_r', { lost: true, active: false }),
    slot('someone', { active: false, retainedBytes: 2 * 2 ** 30 }),
    slot('working', { retainedBytes: 2 * 2 ** 30 }),
    slot('young', { active: false }),
  ];
  system.examiner.show('shared-1', { slots });
  expect(told(await examine())).toEqual([
    ['log', 'error', 'stream-lost', 'slot berth_acme_g2_r on cluster shared-1', null],
    ['log', 'warning', 'log-kept', 'slot berth_acme_g2_f on cluster shared-1', null],
    ['log', 'warning', 'slot-idle', 'slot someone on cluster shared-1', null],
  ]);
});

it('tells schemas and roles of tenants that live elsewhere, or nowhere, and drops none', async () => {
  system.examiner.show('shared-2', {
    schemas: [{ name: 'tenant_acme', owner: 'tenant_acme' }],
    roles: ['tenant_acme', 'tenant_big_shop', 'tenant_big_shop__a'],
  });
  system.examiner.show('shared-1', {
    schemas: [{ name: acme.place.schema, owner: acme.place.ownerRole }],
    roles: [acme.place.ownerRole, acme.place.loginRoles.a],
  });
  const report = await examine();
  expect(told(report)).toEqual([
    ['places', 'warning', 'role-orphaned', 'roles of acme on cluster shared-2', null],
    ['places', 'warning', 'role-orphaned', 'roles of big-shop on cluster shared-2', null],
    ['places', 'warning', 'schema-orphaned', 'schema tenant_acme on cluster shared-2', null],
  ]);
  expect(report.findings[1]?.remedy).toContain('DROP ROLE "tenant_big_shop", "tenant_big_shop__a"');
  expect(await mend()).toEqual([]);
});

it('drops the database of a rehearsal, unless an operation is at work on that cluster', async () => {
  const scratch = [`berth_scratch_${'a'.repeat(24)}`];
  system.examiner.show('shared-1', { scratch });
  expect(told(await examine()).map(([check, , , , fix]) => [check, fix])).toEqual([['scratch', 'drop-scratch']]);
  const { id } = await system.desk.start({ kind: 'repair-tenant', tenantId: acme.tenantId }, 'test');
  const busy = await examine();
  expect(told(busy)).toEqual([]);
  expect(busy.notExamined.map(({ check }) => check)).toEqual(['tenants', 'scratch']);
  await system.runOn(id);
  expect(await mend()).toMatchObject([{ outcome: 'mended' }]);
  expect(system.examiner.server('shared-1').reading.scratch).toEqual([]);
});

it('tells instances of no cluster, and a cluster without its instance', async () => {
  const { infrastructure } = system;
  const work = { signal: new AbortController().signal, onProgress: () => undefined };
  const spec = { clusterId: 'dedicated-ghost-g2', tenantId: 'ghost', labels: {} };
  await infrastructure.create(spec, { username: 'admin', password: 'only-a-test' }, work);
  await system.addCluster('dedicated-lost-g2', { tier: 'dedicated', managed: true });
  expect(told(await examine())).toEqual([
    ['instances', 'error', 'instance-missing', 'cluster dedicated-lost-g2', null],
    ['instances', 'warning', 'instance-orphaned', 'instance dedicated-ghost-g2', null],
  ]);
});

it('tells settings that lose or show what a server holds, each with what happens', async () => {
  const { settings } = system.examiner.server('shared-1').reading;
  system.examiner.show('shared-1', {
    settings: {
      ...settings,
      fsync: 'off',
      full_page_writes: 'off',
      log_statement: 'all',
      max_slot_wal_keep_size: '-1',
    },
    trust: [
      { line: 4, text: 'host all all 127.0.0.1 255.255.255.255 trust' },
      { line: 5, text: 'host all all 0.0.0.0 0.0.0.0 trust' },
    ],
  });
  const severities = async () =>
    (await examine()).findings.map(({ severity, message }) => `${severity} ${message.replace(/[ :].*/s, '')}`);
  const always = ['error fsync', 'error full_page_writes', 'error Line', 'warning log_statement', 'warning Line'];
  expect(await severities()).toEqual(always);
  await system.perform(moved());
  expect(await severities()).toEqual([...always, 'info max_slot_wal_keep_size']);
});

it('says that it may not read pg_hba.conf, and who can allow it', async () => {
  system.examiner.show('shared-1', { trust: null });
  const { notExamined } = await examine();
  expect(notExamined).toMatchObject([
    { object: 'pg_hba.conf of cluster shared-1', because: expect.stringMatching(/superuser allows it/) },
  ]);
});

it.each([
  ['2027-05-01', [], 15],
  ['2027-06-01', ['warning'], 15],
  ['2027-11-11', ['warning'], 15],
  ['2027-11-13', ['error'], 15],
  ['2026-11-27', ['error'], 14],
  ['2030-01-01', [], 18],
  ['2030-01-01', [], 25],
] as const)('judges versions by their last day: on %s %j for PostgreSQL %i', async (day, expected, postgresMajor) => {
  system.clockOffsetMs = Number(new Date(day)) - Date.now();
  system.examiner.show('shared-1', { postgresMajor, version: `${String(postgresMajor)}.1` });
  system.examiner.show('shared-2', { postgresMajor: 25 });
  const found = (await examine()).findings.filter(({ check }) => check === 'versions');
  expect(found.map(({ severity }) => severity)).toEqual(expected);
});

it('tells certificates that expire, of clusters and of the parts', async () => {
  const inDays = (days: number) => new Date(Date.now() + (days + 0.5) * 86_400_000);
  system.certificates.certificates = [
    { part: 'Vault at vault:8200', validTo: inDays(29), because: null },
    { part: 'Catalog at pg:5432', validTo: inDays(-1), because: null },
    { part: 'Redis at redis:6379', validTo: inDays(31), because: null },
    { part: 'Proxy at p:1', validTo: null, because: 'It was silent.' },
  ];
  const expiry = { code: 'tls-expiry', severity: 'warning', object: 'cluster shared-1' } as const;
  system.probe.cluster('shared-1').findings = [{ ...expiry, message: 'It expires in 3 days.', remedy: 'Renew it.' }];
  const report = await examine();
  expect(told(report)).toEqual([
    ['certificates', 'error', 'tls-expiry', 'Catalog at pg:5432', null],
    ['certificates', 'warning', 'tls-expiry', 'Vault at vault:8200', null],
    ['certificates', 'warning', 'tls-expiry', 'cluster shared-1', null],
  ]);
  expect(report.notExamined).toEqual([{ check: 'certificates', object: 'Proxy at p:1', because: 'It was silent.' }]);
});

it('tells a pooler that leads elsewhere, and mends it', async () => {
  const pooler = await system.addPooler('pool-1');
  expect(told(await examine())).toEqual([['poolers', 'warning', 'pooler-drifted', 'pooler pool-1', 'mend-routes']]);
  expect(await mend()).toMatchObject([{ outcome: 'mended' }]);
  expect(told(await examine())).toEqual([]);
  pooler.answers = false;
  const report = await examine();
  expect(told(report)).toMatchObject([['poolers', 'error', 'pooler-unreachable', 'pooler pool-1', null]]);
  expect(report.notExamined.map(({ object }) => object)).toEqual(['aliases of pooler pool-1']);
});

describe('an operation', () => {
  const started = () => system.desk.start({ kind: 'suspend-tenant', tenantId: acme.tenantId, reason: 'test' }, 'test');

  it('that no worker takes is told after a minute, and to the queue again', async () => {
    const { id } = await started();
    expect(told(await examine())).toEqual([]);
    system.clockOffsetMs += 61_000;
    expect(told(await examine())).toEqual([
      ['operations', 'error', 'operation-untaken', `operation ${id}`, 'tell-queue'],
    ]);
    expect(await mend()).toMatchObject([{ outcome: 'mended' }]);
  });

  it('that waits for people is told after a day, and an open move after a week', async () => {
    const { id } = await system.desk.start(moved('dump', 'manual'), 'test');
    await system.runOn(id);
    const codes = async () => told(await examine()).map(([, , code]) => code);
    expect(await codes()).toEqual([]);
    system.clockOffsetMs += 25 * 3_600_000;
    expect(await codes()).toContain('operation-waits');
    await system.desk.requestSwitch(id);
    await system.runOn(id);
    expect(await codes()).toEqual([]);
    system.clockOffsetMs += 8 * 86_400_000;
    expect(await codes()).toEqual(['move-open']);
  });
});

it('examines one cluster alone, with its tenants and operations', async () => {
  const bakery = await system.readyTenant('bakery', { clusterId: 'shared-2' });
  for (const { place } of [acme, bakery]) system.database.damage(place, 'login a');
  system.examiner.show('shared-2', { scratch: [`berth_scratch_${'a'.repeat(24)}`] });
  const report = await examine('shared-1');
  expect(report.findings.map(({ object }) => object)).toEqual(['tenant acme']);
  expect(report).toMatchObject({ clusters: 1, tenants: 1 });
});
