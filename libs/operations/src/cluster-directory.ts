import { BerthError, secretRefs, type ClusterAccess, type ClusterAdminSecret, type SecretRef } from '@berth/domain';
import { ClusterDirectory, type ClusterCatalog, type SecretStore } from '@berth/ports';

/** How to reach a cluster: where it is from the catalog, its logins from the secret store. */
export class CatalogClusterDirectory extends ClusterDirectory {
  constructor(
    private readonly clusters: ClusterCatalog,
    private readonly secrets: SecretStore,
  ) {
    super();
  }

  async access(clusterId: string): Promise<ClusterAccess> {
    const access = await this.#by(secretRefs.clusterAdmin(clusterId), clusterId);
    if (access !== null) return access;
    throw new BerthError('secret-missing', `The admin login of cluster ${clusterId} is not in the secret store.`, {
      hint: `Register the cluster again, or restore the secret ${secretRefs.clusterAdmin(clusterId)}.`,
    });
  }

  streamsAccess(clusterId: string): Promise<ClusterAccess | null> {
    return this.#by(secretRefs.clusterStreams(clusterId), clusterId);
  }

  async #by(ref: SecretRef<ClusterAdminSecret>, clusterId: string): Promise<ClusterAccess | null> {
    const [cluster, stored] = await Promise.all([this.clusters.get(clusterId), this.secrets.read(ref)]);
    if (cluster === null) throw new BerthError('cluster-not-found', `There is no cluster ${clusterId}.`);
    if (stored === null) return null;
    const { host, port, sslMode, ca, database } = cluster;
    const { username: user, password } = stored.document;
    return { clusterId, host, port, sslMode, database, user, password, ...(ca !== null && { ca }) };
  }
}
