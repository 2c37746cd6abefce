import { parseTenantId, secretRefs } from '@berth/domain';
import type { Failpoints } from '@berth/saga';
import { FakeSystem } from '@berth/testing';

const acme = parseTenantId('acme');
const ref = secretRefs.tenantDb(acme);
const relocate = {
  kind: 'move-tenant',
  tenantId: acme,
  target: { tier: 'shared', clusterId: 'shared-2' },
  strategy: 'dump',
  switchMode: 'auto',
} as const;

describe('a secret that somebody changes by hand while its tenant moves', () => {
  let system: FakeSystem;
  let id: string;
  const writeByHand = async () => {
    const present = (await system.secrets.read(ref))!;
    await system.secrets.write(ref, present.document, { expectedVersion: present.version, metadata: {} });
  };
  beforeEach(async () => {
    system = new FakeSystem();
    await system.addCluster('shared-1');
    await system.addCluster('shared-2');
    await system.readyTenant('acme', { clusterId: 'shared-1' });
    id = (await system.desk.start(relocate, 'test')).id;
    const failpoints: Failpoints = {
      hit: async ({ step, moment }) => {
        if (step === 'dump-source' && moment === 'before') await writeByHand();
      },
    };
    expect(await system.runOn(id, { failpoints })).toMatchObject({
      state: 'needs-operator',
      error: { code: 'secret-conflict', details: { ref, expectedVersion: 1, foundVersion: 2 } },
    });
  });

  it('stops the move before it writes, and a retry replaces the version that was named', async () => {
    expect(await system.secrets.read(ref)).toMatchObject({ version: 2, document: { generation: 1 } });
    await system.desk.retry(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
    expect(await system.secrets.read(ref)).toMatchObject({ version: 3, document: { generation: 2 } });
  });

  it('stops it again when it is changed once more before the retry: nobody has seen that version', async () => {
    await writeByHand();
    await system.desk.retry(id);
    expect(await system.runOn(id)).toMatchObject({
      state: 'needs-operator',
      error: { code: 'secret-conflict', details: { expectedVersion: 2, foundVersion: 3 } },
    });
  });
});
