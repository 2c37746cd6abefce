import { parseTenantId, placeOf, secretRefs } from '@berth/domain';
import { FakeSystem } from '@berth/testing';

const acme = parseTenantId('acme');
const here = placeOf(acme, 'shared-1', 'tenants', 'legacy');
const adopt = {
  kind: 'adopt-tenant',
  tenantId: acme,
  schema: 'legacy',
  clusterId: 'shared-1',
  plan: 'free',
  constraints: { labels: {} },
} as const;

describe('an adoption', () => {
  let system: FakeSystem;
  beforeEach(async () => {
    system = new FakeSystem();
    await system.addCluster('shared-1');
    system.adoption.makeByHand(here, 'app', ['SELECT of report']);
    system.data.create(here);
    system.data.createTable(here, 'item');
  });
  const onTrial = async (request: Parameters<typeof system.desk.start>[0] = adopt) => {
    const operation = await system.runOn((await system.desk.start(request, 'test')).id);
    expect(operation).toMatchObject({
      state: 'waiting',
      reason: expect.stringContaining(`berth operations confirm ${operation.id}`) as string,
    });
    return operation;
  };
  const codes = async (request: Parameters<typeof system.desk.plan>[0] = adopt) =>
    (await system.desk.plan(request)).findings.map(({ code, severity }) => `${severity} ${code}`);

  it('works while it is on trial, under the name that the schema has, and says so', async () => {
    await onTrial();
    expect(await system.catalog.tenants.get(acme)).toMatchObject({
      state: 'ready',
      reason: expect.stringContaining('On trial: the schema legacy') as string,
    });
    expect(await system.catalog.placements.current(acme)).toMatchObject({ schema: 'legacy', ownerRole: 'tenant_acme' });
    const secret = await system.secrets.read(secretRefs.tenantDb(acme));
    expect(secret?.document).toMatchObject({ schema: 'legacy', username: 'tenant_acme__a' });
    expect([...(system.adoption.schemaAt(here)?.rights ?? [])]).toEqual(['SELECT of report']);
    await expect(system.desk.start({ kind: 'repair-tenant', tenantId: acme }, 'test')).rejects.toMatchObject({
      code: 'operation-in-progress',
    });
  });

  it('is kept when somebody confirms it, once or twice, and then every other operation works', async () => {
    const { id } = await onTrial();
    await system.desk.confirm(id);
    await system.desk.confirm(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
    expect(await system.catalog.tenants.get(acme)).toMatchObject({ state: 'ready', reason: null });
    expect([...(system.adoption.schemaAt(here)?.rights ?? [])]).toEqual([]);
    await expect(system.desk.cancel(id)).rejects.toMatchObject({ code: 'operation-state' });
    await expect(system.desk.confirm(id)).rejects.toMatchObject({ code: 'operation-state' });
    expect(await codes({ kind: 'repair-tenant', tenantId: acme })).toEqual([]);
    const move = { target: { tier: 'dedicated' }, strategy: 'dump', switchMode: 'auto' } as const;
    await system.perform({ kind: 'move-tenant', tenantId: acme, ...move });
    expect(await system.catalog.placements.current(acme)).toMatchObject({ schema: 'legacy', tier: 'dedicated' });
  });

  it('may be confirmed before it is that far', async () => {
    const { id } = await system.desk.start(adopt, 'test');
    await system.desk.confirm(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
  });

  it('brings everything back when it is cancelled on trial, and can be begun again', async () => {
    const { id } = await onTrial();
    await system.desk.cancel(id);
    await expect(system.desk.confirm(id)).rejects.toMatchObject({ code: 'operation-state' });
    expect(await system.runOn(id)).toMatchObject({ state: 'cancelled' });
    const schema = system.adoption.schemaAt(here);
    expect([schema?.owner, ...(schema?.rights ?? [])]).toEqual(['app', 'SELECT of report']);
    expect(await system.catalog.tenants.get(acme)).toMatchObject({ state: 'failed' });
    expect(await system.catalog.placements.current(acme)).toBeNull();
    expect(await system.secrets.list('tenants/acme/')).toEqual([]);
    await onTrial();
  });

  it('leads aliases to it while it is on trial, and takes them away with it', async () => {
    const pooler = await system.addPooler('pool-1');
    const { id } = await onTrial();
    expect([...pooler.running.keys()]).toEqual([acme]);
    await system.desk.cancel(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'cancelled' });
    expect([...pooler.running.keys()]).toEqual([]);
  });

  it('records migrations up to the one that was named, runs none, and says so before', async () => {
    system.migrations.migrations = ['001_one', '002_two', '003_three'].map((version) => ({
      version,
      content: version,
    }));
    const { findings } = await system.desk.plan({ ...adopt, migratedTo: '002_two' });
    expect(findings.find(({ code }) => code === 'migrations')?.message).toMatch(
      /001_one, 002_two\. None is run\. 1 of 3/,
    );
    const { id } = await onTrial({ ...adopt, migratedTo: '002_two' });
    const { applied } = await system.catalog.ledger.of(acme);
    expect(applied.map(({ version, ms }) => [version, ms])).toEqual([
      ['001_one', 0],
      ['002_two', 0],
    ]);
    expect(await system.migrations.applied(here)).toHaveLength(2);
    await system.desk.cancel(id);
    await system.runOn(id);
    await expect(system.desk.plan({ ...adopt, migratedTo: '004' })).rejects.toMatchObject({
      code: 'invalid-request',
      hint: expect.stringContaining('002_two') as string,
    });
  });

  it('refuses a plan of another tier, a cluster that takes nobody, and a tenant that is there', async () => {
    await expect(system.desk.plan({ ...adopt, plan: 'enterprise' })).rejects.toMatchObject({
      code: 'constraint-broken',
    });
    await system.catalog.clusters.update('shared-1', { state: 'cordoned' });
    await expect(system.desk.plan(adopt)).rejects.toMatchObject({ code: 'cluster-cordoned' });
    await system.catalog.clusters.update('shared-1', { state: 'active' });
    await system.readyTenant('acme');
    await expect(system.desk.plan(adopt)).rejects.toMatchObject({ code: 'tenant-exists' });
  });

  it('refuses a schema that is not there, and one that is the place of another tenant', async () => {
    expect(await codes({ ...adopt, schema: 'nowhere' })).toContain('error schema-missing');
    await system.readyTenant('other');
    expect(await codes({ ...adopt, schema: 'tenant_other' })).toEqual(['error schema-of-tenant']);
  });

  it('refuses what a role of another tenant owns, and what crosses the schema’s border', async () => {
    await system.readyTenant('other');
    system.adoption.makeByHand(here, 'tenant_other');
    const fault = { object: 'view v', message: 'It needs it.', remedy: 'Drop it.' };
    system.copy.findings = [
      { code: 'needed-by-other-schema', severity: 'error', ...fault },
      { code: 'foreign-table', severity: 'error', ...fault },
      { code: 'owned-by-another', severity: 'error', ...fault },
    ];
    const found = await codes();
    expect(found).toEqual(
      expect.arrayContaining(['error role-of-tenant', 'error needed-by-other-schema', 'warning foreign-table']),
    );
    expect(found).not.toContain('error owned-by-another');
    await expect(system.desk.start(adopt, 'test')).rejects.toMatchObject({ code: 'preflight-failed' });
  });
});
