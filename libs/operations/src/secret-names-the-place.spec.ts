import { parseTenantId, secretRefs } from '@berth/domain';
import { FakeSystem } from '@berth/testing';

const acme = parseTenantId('acme');

it('repair writes the secret again when the cluster has another address by now', async () => {
  const system = new FakeSystem();
  await system.addCluster('shared-1');
  await system.readyTenant('acme');
  const read = async () => (await system.secrets.read(secretRefs.tenantDb(acme)))?.document;
  const before = await read();
  await system.perform({ kind: 'repair-tenant', tenantId: acme });
  expect(await read()).toEqual(before);
  await system.catalog.clusters.update('shared-1', { port: 5999 });
  await system.perform({ kind: 'repair-tenant', tenantId: acme });
  expect(await read()).toEqual({ ...before, port: 5999, url: before?.url.replace('5432', '5999') });
});

it('carries the authority of the cluster itself, and repair brings a newer one', async () => {
  const system = new FakeSystem();
  await system.addCluster('shared-1', { sslMode: 'verify-full', ca: 'the first PEM' });
  await system.readyTenant('acme');
  const read = async () => (await system.secrets.read(secretRefs.tenantDb(acme)))?.document;
  expect(await read()).toMatchObject({ sslmode: 'verify-full', sslrootcert: 'the first PEM' });
  expect((await read())?.url).toMatch(/\?sslmode=verify-full$/);
  await system.catalog.clusters.update('shared-1', { ca: 'the next PEM' });
  await system.perform({ kind: 'repair-tenant', tenantId: acme });
  expect(await read()).toMatchObject({ sslrootcert: 'the next PEM' });
});
