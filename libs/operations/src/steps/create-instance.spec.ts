import { parseTenantId, secretRefs, type Finding } from '@berth/domain';
import type { InstanceSpec } from '@berth/ports';
import { FakeSystem } from '@berth/testing';
import type { OperationRequest } from '../request.js';

const acme = parseTenantId('acme');
const promote: OperationRequest = {
  kind: 'move-tenant',
  tenantId: acme,
  target: { tier: 'dedicated' },
  strategy: 'dump',
  switchMode: 'auto',
};

describe('an instance by a provider', () => {
  let system: FakeSystem;
  beforeEach(async () => {
    system = new FakeSystem();
    await system.addCluster('shared-1');
    await system.readyTenant('acme');
  });

  it('is reached as the provider says: its TLS mode, and the authority of its certificate', async () => {
    const create = system.infrastructure.create.bind(system.infrastructure);
    system.infrastructure.create = async (...given: Parameters<typeof create>) => ({
      ...(await create(...given)),
      sslMode: 'verify-full',
      ca: 'a certificate',
    });
    await system.perform(promote);
    const placement = await system.catalog.placements.current(acme);
    const clusterId = placement?.clusterId ?? '';
    expect(await system.catalog.clusters.get(clusterId)).toMatchObject({ sslMode: 'verify-full', managed: true });
    expect(await system.tools.directory.access(clusterId)).toMatchObject({
      sslMode: 'verify-full',
      ca: 'a certificate',
    });
    const secret = await system.secrets.read(secretRefs.tenantDb(acme));
    expect(secret?.document.sslmode).toBe('verify-full');
  });

  it.each(['warning', 'error'] as const)('tells a quota in the dry run: %s', async (severity) => {
    const finding: Finding = {
      code: 'infrastructure-quota',
      severity,
      object: 'AWS account, eu-central-1',
      message: '40 of 40 DB instances are used.',
      remedy: 'Ask AWS for more.',
    };
    system.infrastructure.quotaFindings = [finding];
    expect((await system.desk.plan(promote)).findings).toContainEqual(finding);
    const asked = system.desk.start(promote, 'test');
    if (severity === 'error') await expect(asked).rejects.toMatchObject({ code: 'preflight-failed' });
    else expect((await asked).kind).toBe('move-tenant');
    const made: readonly InstanceSpec['clusterId'][] = await system.infrastructure.list();
    expect(made).toEqual([]);
  });
});
