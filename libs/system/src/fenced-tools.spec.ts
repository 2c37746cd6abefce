import { secretRefs, parseTenantId, type PoolerAccess, type TenantRoute } from '@berth/domain';
import type { Tools } from '@berth/operations';
import { LeaseLost, type Journal, type Lease } from '@berth/saga';
import { FakeSecretStore, FakeTenantRouter } from '@berth/testing';
import { fencedTools } from './fenced-tools.js';

const lease: Lease = { operationId: 'op-1', owner: 'test', fence: 1 };
const ref = secretRefs.tenantDb(parseTenantId('acme-corp'));

function toolsOf(secrets: FakeSecretStore, renew: Journal['renew'], router = new FakeTenantRouter()) {
  const tools = { secrets, infrastructure: {}, copy: {}, onlineCopy: {}, replication: {}, router } as unknown as Tools;
  const journal = { renew } as Journal;
  return fencedTools(tools, { journal, leaseMs: 1_000, catalog: () => ({}) as never })(lease);
}

async function storeWithSecret(): Promise<FakeSecretStore> {
  const secrets = new FakeSecretStore();
  await secrets.write(ref, { password: 'hunter2' } as never, { expectedVersion: 0, metadata: {} });
  return secrets;
}

describe('the tools of one lease', () => {
  it('destroy no secret once the lease is lost, and can still read', async () => {
    const secrets = await storeWithSecret();
    const late = toolsOf(secrets, () => Promise.reject(new LeaseLost(lease)));
    await expect(late.secrets?.destroy(ref)).rejects.toBeInstanceOf(LeaseLost);
    expect(await late.secrets?.read(ref)).toMatchObject({ version: 1 });
  });

  it('change no alias once the lease is lost, though the lock of the pooler was had', async () => {
    const router = new FakeTenantRouter();
    const late = toolsOf(new FakeSecretStore(), () => Promise.reject(new LeaseLost(lease)), router);
    const access = { poolerId: 'pool-1' } as PoolerAccess;
    const changes = [{ tenantId: parseTenantId('acme-corp'), route: {} as TenantRoute }];
    await expect(late.router?.route(access, changes)).rejects.toBeInstanceOf(LeaseLost);
    await expect(late.router?.hold(access, changes[0]!.tenantId, { timeoutMs: 1 })).rejects.toBeInstanceOf(LeaseLost);
    expect(router.pooler('pool-1').files?.size).toBe(0);
  });

  it('act while the lease holds', async () => {
    const secrets = await storeWithSecret();
    const held = toolsOf(secrets, () => Promise.resolve({ cancelRequested: false }));
    await held.secrets?.destroy(ref);
    expect(await secrets.read(ref)).toBeNull();
  });
});
