import { parse } from 'yaml';
import { vaultStaticSecret } from './vault-static-secret.js';

const options = {
  tenantId: 'acme-corp',
  path: 'tenants/acme-corp/db',
  mount: 'secret',
  namespace: 'shop',
  destination: 'tenant-acme-corp-db',
  refreshAfter: '30s',
};

describe('the manifest of a tenant’s secret', () => {
  it('is the one that people read in the documents', () => {
    expect(vaultStaticSecret(options)).toBe(`apiVersion: secrets.hashicorp.com/v1beta1
kind: VaultStaticSecret
metadata:
  name: tenant-acme-corp-db
  namespace: shop
  labels:
    app.kubernetes.io/managed-by: berth
    berth/tenant: acme-corp
spec:
  type: kv-v2
  mount: secret
  path: tenants/acme-corp/db
  refreshAfter: 30s
  hmacSecretData: true
  destination:
    name: tenant-acme-corp-db
    create: true
    labels:
      app.kubernetes.io/managed-by: berth
      berth/tenant: acme-corp
    transformation:
      excludeRaw: true
`);
  });

  it('keeps words as words that YAML would take for something else', () => {
    const odd = vaultStaticSecret({ ...options, tenantId: 'yes', namespace: '1e3', mount: 'a: b', auth: 'null' });
    expect(parse(odd)).toMatchObject({
      metadata: { namespace: '1e3', labels: { 'berth/tenant': 'yes' } },
      spec: { mount: 'a: b', vaultAuthRef: 'null' },
    });
  });

  it('names what is restarted when the secret has changed', () => {
    const restart = [{ kind: 'Deployment', name: 'web' }];
    expect(parse(vaultStaticSecret({ ...options, restart }))).toMatchObject({
      spec: { rolloutRestartTargets: restart },
    });
  });
});
