import { parseTenantId, secretRefs, type Place, type TenantId, tenantsDatabase } from '@berth/domain';
import { Doctor, type OperationRequest } from '@berth/operations';
import {
  BerthHome,
  makeSchemaByHand,
  pgbouncerPart,
  postgresMajors,
  startPgBouncer,
  type TestPgBouncer,
  whenAvailable,
} from '@berth/testing';
import { readyTenant } from '../crash/scenarios/tenants.js';
import { freshTenantId, World } from '../crash/world.js';
import { runOnce } from './run-operation.js';
import { serveApi, type ServedApi } from './served-api.js';

interface Report {
  readonly verdict: string;
  readonly clusters: number;
  readonly tenants: number;
  readonly findings: readonly {
    readonly check: string;
    readonly severity: string;
    readonly code: string;
    readonly object: string;
    readonly message: string;
    readonly safeToFix: boolean;
  }[];
  readonly notExamined: readonly { readonly check: string; readonly object: string; readonly because: string }[];
}
interface Fixed {
  readonly report: Report;
  readonly fixes: readonly { readonly kind: string; readonly object: string; readonly outcome: string }[];
}

const major = 18;
const missing = (await postgresMajors()).some((one) => one.major === major)
  ? undefined
  : `${String(major)} is not here (BERTH_TEST_PG_BINS names bin folders)`;
/** What a server of a test leaves out, and the doctor would rightly tell. */
const safe = {
  fsync: true,
  full_page_writes: true,
  max_slot_wal_keep_size: '4GB',
  max_replication_slots: 20,
  max_wal_senders: 20,
};

whenAvailable({ name: `PostgreSQL ${String(major)}`, missing }, 'berth doctor', () => {
  let world: World;
  let api: ServedApi;
  let home: BerthHome;
  let connection: readonly string[];

  beforeAll(async () => {
    home = await BerthHome.create();
    world = await World.open({}, {}, { major, replication: true, settings: safe });
    api = await serveApi(world);
    connection = ['--api', api.url, '--key-file', await api.keyFile(['admin'])];
  });
  afterAll(async () => {
    await api?.stop();
    await world?.close();
    await home?.remove();
  });

  const doctor = async (...flags: readonly string[]) => {
    const run = await home.run(['doctor', '--json', ...flags, ...connection]);
    return { code: run.code, report: JSON.parse(run.stdout) as Report };
  };
  const mended = async (...flags: readonly string[]) => {
    const run = await home.run(['doctor', '--fix', '--json', ...flags, ...connection]);
    return { code: run.code, ...(JSON.parse(run.stdout) as Fixed) };
  };
  const examine = () => world.app.get(Doctor).examine(null);
  const found = ({ findings }: Pick<Report, 'findings'>) => findings.map(({ code, object }) => [code, object]);
  /** Finds nothing at all; what was not examined is what is named here, and pg_hba.conf, which the admin may not read. */
  const requireHealthy = async (...busy: readonly string[]) => {
    const report = await examine();
    expect(report.findings).toEqual([]);
    const unseen = report.notExamined.filter(({ object }) => !object.startsWith('pg_hba.conf'));
    expect(unseen.map(({ object }) => object)).toEqual(busy.map((id) => `tenant ${id}`));
    return report;
  };
  const at = (clusterId: 'shared-1' | 'shared-2') => world.servers[clusterId]!;
  const move = (tenantId: TenantId, switchMode: 'auto' | 'manual'): OperationRequest => ({
    kind: 'move-tenant',
    tenantId,
    target: { tier: 'shared', clusterId: 'shared-2' },
    ...{ strategy: 'online', switchMode },
  });
  const placeOfTenant = async (tenantId: TenantId): Promise<Place> => {
    const place = await world.tools.placements.current(tenantId);
    if (place === null) throw new Error(`${tenantId} has no place`);
    return place;
  };

  it('finds nothing in a system at work: after each operation, in the middle of a move, on trial, in quarantine', async () => {
    const tenantId = await readyTenant(world);
    expect(await requireHealthy()).toMatchObject({ clusters: 2, tenants: 1 });

    const { id } = await world.desk.start(move(tenantId, 'manual'), 'test');
    expect(await untilWaiting(id, 'await-switch')).toBe(true);
    await requireHealthy(tenantId);
    await world.desk.requestSwitch(id);
    expect(await world.runToEnd(id)).toMatchObject({ state: 'succeeded' });
    await requireHealthy();
    await world.perform({ kind: 'reverse-move', moveId: id });
    await requireHealthy();
    await world.perform({ kind: 'complete-move', moveId: id });
    await requireHealthy();

    await world.perform({ kind: 'rotate-login', tenantId, graceMs: 0, settleMs: 0 });
    await requireHealthy();
    await world.perform({ kind: 'suspend-tenant', tenantId, reason: 'test' });
    await requireHealthy();
    await world.perform({ kind: 'quarantine-tenant', tenantId, reason: 'test' });
    await requireHealthy();
    await world.perform({ kind: 'remove-tenant', tenantId, reason: 'test' });
    expect(await requireHealthy()).toMatchObject({ tenants: 0 });

    const adopted = freshTenantId();
    const schema = `legacy_${adopted.replaceAll('-', '_')}`;
    await makeSchemaByHand(at('shared-1'), { database: tenantsDatabase, schema, prefix: 'by_hand' });
    const plan = await world.planOfTier('shared');
    const where = { schema, clusterId: 'shared-1', plan, constraints: { labels: {} } };
    const adoption = await world.desk.start({ kind: 'adopt-tenant', tenantId: adopted, ...where }, 'test');
    expect(await runOnce(world, adoption.id)).toMatchObject({ state: 'waiting' });
    await requireHealthy(adopted);
    await world.desk.confirm(adoption.id);
    expect(await runOnce(world, adoption.id)).toMatchObject({ state: 'succeeded' });
    await requireHealthy();
  });

  async function untilWaiting(id: string, step: string): Promise<boolean> {
    for (;;) {
      const { state, steps } = await runOnce(world, id);
      if (state !== 'waiting') return false;
      if (steps.some((one) => one.name === step && one.state === 'started')) return true;
    }
  }

  it('finds every fault that is planted, mends those that are safe, and leaves data alone', async () => {
    const tenantId = await readyTenant(world);
    const other = await readyTenant(world);
    const { id } = await world.perform(move(other, 'auto'));
    await world.perform({ kind: 'complete-move', moveId: id });
    const name = `berth_${other.replaceAll('-', '_')}_g2_f`;
    const scratch = `berth_scratch_${'c'.repeat(24)}`;
    const database = tenantsDatabase;
    const admin = at('shared-1').admin.user;
    await at('shared-1').psql(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`, database);
    await at('shared-1').psql(`SET ROLE ${admin}; CREATE ROLE ${name} LOGIN; CREATE SCHEMA ${name}`, database);
    await at('shared-2').psql(`SET ROLE ${admin}; CREATE PUBLICATION ${name}`, database);
    await at('shared-1').psql(`CREATE DATABASE ${scratch} OWNER ${admin}`);
    await at('shared-2').psql(
      'CREATE ROLE tenant_ghost; CREATE SCHEMA tenant_ghost AUTHORIZATION tenant_ghost',
      database,
    );
    await at('shared-2').psql('CREATE TABLE tenant_ghost.kept AS SELECT 1 AS one', database);
    await at('shared-1').psql(`SELECT pg_create_logical_replication_slot('berth_nobody_g3_f', 'pgoutput')`, database);
    const { loginRoles, schema } = await placeOfTenant(tenantId);
    await at('shared-1').psql(
      `ALTER ROLE ${loginRoles.a} CONNECTION LIMIT 1; GRANT USAGE ON SCHEMA ${schema} TO PUBLIC`,
      database,
    );
    const created = { expectedVersion: 0, metadata: {} };
    await world.tools.secrets.write(secretRefs.tenantDb(parseTenantId('ghost')), { any: 'thing' } as never, created);
    const work = { signal: new AbortController().signal, onProgress: () => undefined };
    const login = { username: 'berth_admin', password: 'only-a-test' };
    await world.tools.infrastructure.create(
      { clusterId: 'dedicated-ghost-g1', tenantId: 'ghost', labels: {} },
      login,
      work,
    );
    for (const setting of ['fsync = off', 'full_page_writes = off', "log_statement = 'ddl'"])
      await at('shared-2').psql(`ALTER SYSTEM SET ${setting}`);
    await at('shared-2').psql('SELECT pg_reload_conf()');
    await at('shared-1').psql(
      `GRANT SELECT ON pg_hba_file_rules TO ${admin}; GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO ${admin}`,
      database,
    );

    const { code, report } = await doctor();
    expect(code).toBe(1);
    const settings = report.findings.filter(({ check }) => check === 'settings');
    expect(settings.map(({ message }) => message.replace(/:.*/, ''))).toEqual([
      'fsync is off',
      'full_page_writes is off',
      'log_statement is ddl',
    ]);
    expect(found(report).filter(([one]) => one !== 'unsafe-setting')).toEqual([
      ['tenant-drifted', `tenant ${tenantId}`],
      ['stream-orphaned', 'stream berth_nobody_g3_f on cluster shared-1'],
      ['stream-orphaned', `stream ${name} on cluster shared-1`],
      ['secret-orphaned', 'secret tenants/ghost/db'],
      ['stream-orphaned', `stream ${name} on cluster shared-2`],
      ['role-orphaned', 'roles of ghost on cluster shared-2'],
      ['schema-orphaned', 'schema tenant_ghost on cluster shared-2'],
      ['scratch-left', `database ${scratch} on cluster shared-1`],
      ['instance-orphaned', 'instance dedicated-ghost-g1'],
    ]);
    expect(report.notExamined.map(({ object }) => object)).toEqual(['pg_hba.conf of cluster shared-2']);

    const planned = await mended('--dry-run');
    expect(planned.fixes.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['remove-stream', 'planned'],
      ['remove-stream', 'planned'],
      ['drop-scratch', 'planned'],
      ['repair-tenant', 'planned'],
    ]);
    expect(found((await doctor()).report)).toEqual(found(report));

    const done = await mended();
    expect(done.fixes.map(({ kind, object, outcome }) => [kind, object, outcome])).toEqual([
      ['remove-stream', `${name} on shared-1`, 'mended'],
      ['remove-stream', `${name} on shared-2`, 'mended'],
      ['drop-scratch', `${scratch} on shared-1`, 'mended'],
      ['repair-tenant', tenantId, 'started'],
    ]);
    await world.runToEnd(await openOperationOf(tenantId));

    const after = await doctor();
    expect(found(after.report).filter(([one]) => one !== 'unsafe-setting')).toEqual([
      ['stream-orphaned', 'stream berth_nobody_g3_f on cluster shared-1'],
      ['secret-orphaned', 'secret tenants/ghost/db'],
      ['role-orphaned', 'roles of ghost on cluster shared-2'],
      ['schema-orphaned', 'schema tenant_ghost on cluster shared-2'],
      ['instance-orphaned', 'instance dedicated-ghost-g1'],
    ]);
    expect(await at('shared-2').psql('SELECT one FROM tenant_ghost.kept', database)).toBe('1');
  });

  async function openOperationOf(tenantId: TenantId): Promise<string> {
    const run = await home.run(['operations', 'list', '--tenant', tenantId, '--json', ...connection]);
    const { items } = JSON.parse(run.stdout) as { readonly items: readonly { readonly id: string }[] };
    return items[0]!.id;
  }

  /** Until the server has thrown away what its slot of this name needs. */
  async function loseSlot(clusterId: 'shared-1' | 'shared-2', slot: string): Promise<void> {
    const server = at(clusterId);
    await server.psql("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
    await server.psql('SELECT pg_reload_conf()');
    const status = `SELECT wal_status FROM pg_replication_slots WHERE slot_name = '${slot}'`;
    while ((await server.psql(status)) !== 'lost') {
      await server.psql("SELECT pg_logical_emit_message(false, 'test', 'more'); SELECT pg_switch_wal()");
      await server.psql('CHECKPOINT');
    }
  }

  it('finds what is lost, unprepared, away or untaken, and mends what is safe', async () => {
    const database = tenantsDatabase;
    const [tenantId, moved, waits] = [await readyTenant(world), await readyTenant(world), await readyTenant(world)];
    await world.tools.secrets.remove(secretRefs.tenantDb(tenantId));
    await world.perform(move(moved, 'auto'));
    const stream = await at('shared-1').psql('SELECT subname FROM pg_subscription', database);
    await at('shared-1').psql(`ALTER SUBSCRIPTION ${stream} DISABLE`, database);
    await at('shared-2').psql("SELECT pg_create_logical_replication_slot('of_others', 'pgoutput')", database);
    for (const slot of [stream, 'of_others']) await loseSlot('shared-2', slot);
    await at('shared-1').psql(`GRANT CREATE ON DATABASE ${database} TO PUBLIC`);
    const gone = { ...(await world.tools.clusters.get('shared-2'))!, id: 'dedicated-gone-g1', port: 1, managed: true };
    await world.tools.clusters.add(gone);
    const { id } = await world.desk.start({ kind: 'suspend-tenant', tenantId: waits, reason: 'test' }, 'test');
    const catalog = new URL(world.config.BERTH_CATALOG_URL).pathname.slice(1);
    const long = `UPDATE berth.operations SET created_at = now() - interval '2 minutes' WHERE id = '${id}'`;
    await at('shared-1').psql(long, catalog);

    const planted = [
      ['secret-missing', `tenant ${tenantId}`],
      ['cluster-open', 'cluster shared-1'],
      ['operation-untaken', `operation ${id}`],
    ];
    const leftToPeople = [
      ['stream-lost', `slot ${stream} on cluster shared-2`],
      ['slot-idle', 'slot of_others on cluster shared-2'],
      ['instance-missing', 'cluster dedicated-gone-g1'],
    ];
    const before = found((await doctor()).report);
    expect(before).toEqual(expect.arrayContaining([...planted, ...leftToPeople]));

    const { fixes } = await mended();
    const done = fixes.map(({ kind, outcome }) => [kind, outcome]);
    expect(done).toEqual(
      expect.arrayContaining([
        ['repair-tenant', 'started'],
        ['prepare-cluster', 'mended'],
        ['tell-queue', 'mended'],
      ]),
    );
    await world.runToEnd(await openOperationOf(tenantId));
    await world.runToEnd(id);
    const after = found((await doctor()).report);
    expect(after).toEqual(expect.arrayContaining(leftToPeople));
    for (const one of planted) expect(after).not.toContainEqual(one);
    await world.tools.clusters.remove(gone.id);
  });

  it('goes on while a cluster is down, and names it', async () => {
    await at('shared-2').halt();
    try {
      const { code, report } = await doctor();
      expect(code).toBe(1);
      expect(report.clusters).toBe(1);
      expect(found(report)).toContainEqual(['cluster-unreachable', 'cluster shared-2']);
      expect(report.notExamined.map(({ object }) => object)).toContain('cluster shared-2, and all that is on it');
      const plain = await home.run(['doctor', ...connection]);
      expect(plain.stdout).toMatch(/error +cluster shared-2: /);
      expect(plain.stdout).toMatch(/not examined +cluster shared-2/);
    } finally {
      await at('shared-2').start();
    }
  });

  whenAvailable(pgbouncerPart, 'with a pooler', () => {
    let bouncer: TestPgBouncer;
    beforeAll(async () => {
      bouncer = await startPgBouncer();
      await world.registerPooler('pool-1', bouncer);
    });
    afterAll(() => bouncer.stop());

    it('finds an alias that is missing, and makes it', async () => {
      const drift = (report: Report) => report.findings.filter(({ code }) => code === 'pooler-drifted');
      expect(drift((await doctor()).report)).toMatchObject([{ object: 'pooler pool-1', safeToFix: true }]);
      const { fixes } = await mended();
      expect(fixes).toContainEqual(expect.objectContaining({ kind: 'mend-routes', outcome: 'mended' }));
      expect(drift((await doctor()).report)).toEqual([]);
    });
  });
});
