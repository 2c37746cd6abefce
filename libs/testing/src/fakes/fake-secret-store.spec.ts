import { secretRefs, parseTenantId } from '@berth/domain';
import { describeSecretStoreContract } from '../contracts/secret-store.contract.js';
import { FakeSecretStore } from './fake-secret-store.js';

describeSecretStoreContract('in memory (fake)', async () => {
  const store = new FakeSecretStore();
  return { store, other: store, close: async () => undefined };
});

it('fails every call while it is unavailable', async () => {
  const store = new FakeSecretStore();
  store.unavailable = 'down for the test';
  const ref = secretRefs.tenantDb(parseTenantId('acme'));
  for (const call of [store.read(ref), store.remove(ref), store.list(''), store.check()]) {
    await expect(call).rejects.toMatchObject({ code: 'secrets-unavailable' });
  }
});
