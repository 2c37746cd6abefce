import { BerthError, parseTenantId } from '@berth/domain';
import { FakeSystem } from '@berth/testing';

const acme = parseTenantId('acme');
const byDump = { strategy: 'dump', switchMode: 'auto' } as const;
const promote = { kind: 'move-tenant', tenantId: acme, target: { tier: 'dedicated' }, ...byDump } as const;
const own = { tier: 'dedicated', maxTenants: 1 } as const;

describe('dedicated servers that were registered', () => {
  let system: FakeSystem;
  const placeOf = async (id: string) => (await system.catalog.placements.current(parseTenantId(id)))?.clusterId;

  beforeEach(async () => {
    system = new FakeSystem();
    await system.addCluster('shared-1');
    await system.readyTenant('acme');
  });

  it('take a tenant before an instance is made for it, one each', async () => {
    await system.addCluster('own-1', own);
    await system.readyTenant('other');
    await system.perform(promote);
    expect(await placeOf('acme')).toBe('own-1');
    await system.perform({ ...promote, tenantId: parseTenantId('other') });
    expect(await placeOf('other')).toMatch(/^dedicated-other/);
    expect(await system.infrastructure.list()).toHaveLength(1);
  });

  it('are free again when the tenant has left and its old place was given up, and are not destroyed', async () => {
    await system.addCluster('own-1', own);
    const { id: first } = await system.perform(promote);
    await system.perform({ kind: 'complete-move', moveId: first });
    await system.perform({ kind: 'change-plan', tenantId: acme, plan: 'enterprise', strategy: 'dump' });
    const { id: back } = await system.perform({ kind: 'change-plan', tenantId: acme, plan: 'pro', strategy: 'dump' });
    expect(await placeOf('acme')).toBe('shared-1');
    await system.perform({ kind: 'complete-move', moveId: back });
    expect(await system.catalog.clusters.get('own-1')).toMatchObject({ state: 'active', managed: false });
    await system.readyTenant('other');
    await system.perform({ ...promote, tenantId: parseTenantId('other') });
    expect(await placeOf('other')).toBe('own-1');
  });

  it('are asked for by name, and refused by name', async () => {
    await system.addCluster('own-1', own);
    await system.addCluster('old', { ...own, postgresMajor: 14 });
    await system.addCluster('made', { ...own, managed: true });
    const to = (clusterId: string) => ({ ...promote, target: { tier: 'dedicated', clusterId } }) as const;
    for (const [clusterId, code] of [
      ['old', 'constraint-broken'],
      ['shared-1', 'constraint-broken'],
      ['made', 'cluster-not-found'],
    ] as const) {
      await expect(system.desk.plan(to(clusterId))).rejects.toMatchObject({ code });
    }
    await system.perform(to('own-1'));
    expect(await placeOf('acme')).toBe('own-1');
  });

  it('are all there is where nobody makes one', async () => {
    system.infrastructure.plan = () => Promise.reject(new BerthError('no-cluster-fits', 'None is made here.'));
    await expect(system.desk.start(promote, 'test')).rejects.toMatchObject({ code: 'no-cluster-fits' });
    await system.addCluster('own-1', own);
    await system.perform(promote);
    expect(await placeOf('acme')).toBe('own-1');
  });
});
