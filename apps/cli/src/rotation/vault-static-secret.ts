import { stringify } from 'yaml';

export interface ManifestOptions {
  readonly tenantId: string;
  /** Relative to the mount: `tenants/acme/db`, with the prefix of the store before it. */
  readonly path: string;
  readonly mount: string;
  /** Of Kubernetes. */
  readonly namespace: string;
  /** The Kubernetes secret that the operator of Vault makes. */
  readonly destination: string;
  readonly refreshAfter: string;
  /** A `VaultAuth` object; absent: the default one of the namespace. */
  readonly auth?: string;
  readonly restart?: readonly { readonly kind: string; readonly name: string }[];
}

/**
 * What the Vault Secrets Operator needs to keep a tenant's secret in Kubernetes. No secret is in it: it may lie in a repository.
 * `excludeRaw` keeps Vault's answer as a whole out of the Kubernetes secret, where it would be a second copy of the password.
 */
export function vaultStaticSecret(options: ManifestOptions): string {
  const { tenantId, path, mount, namespace, destination, refreshAfter, auth, restart = [] } = options;
  const labels = { 'app.kubernetes.io/managed-by': 'berth', 'berth/tenant': tenantId };
  const manifest = {
    apiVersion: 'secrets.hashicorp.com/v1beta1',
    kind: 'VaultStaticSecret',
    metadata: { name: destination, namespace, labels },
    spec: {
      ...(auth === undefined ? {} : { vaultAuthRef: auth }),
      type: 'kv-v2',
      mount,
      path,
      refreshAfter,
      hmacSecretData: true,
      destination: { name: destination, create: true, labels, transformation: { excludeRaw: true } },
      ...(restart.length === 0 ? {} : { rolloutRestartTargets: restart }),
    },
  };
  return stringify(manifest, { aliasDuplicateObjects: false });
}
