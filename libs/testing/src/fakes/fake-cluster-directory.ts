import { BerthError, type ClusterAccess } from '@berth/domain';
import { ClusterDirectory } from '@berth/ports';
import type { TestPostgres } from '../postgres-server.js';

/** How a test reaches one of its servers as a cluster, as the admin that production has. */
export function accessTo(server: TestPostgres, clusterId: string, database: string): ClusterAccess {
  return {
    clusterId,
    host: server.host,
    port: server.port,
    sslMode: 'disable',
    database,
    user: server.admin.user,
    password: server.admin.password,
  };
}

/** Knows the clusters that a test gives it. */
export class FakeClusterDirectory extends ClusterDirectory {
  readonly #accesses = new Map<string, ClusterAccess>();
  readonly #streams = new Map<string, ClusterAccess>();

  constructor(accesses: readonly ClusterAccess[] = []) {
    super();
    for (const access of accesses) this.put(access);
  }

  put(access: ClusterAccess): void {
    this.#accesses.set(access.clusterId, access);
  }

  /** Null takes the login for streams away. */
  putStreams(clusterId: string, access: ClusterAccess | null): void {
    if (access === null) this.#streams.delete(clusterId);
    else this.#streams.set(clusterId, access);
  }

  async streamsAccess(clusterId: string): Promise<ClusterAccess | null> {
    return this.#streams.get(clusterId) ?? null;
  }

  async access(clusterId: string): Promise<ClusterAccess> {
    const access = this.#accesses.get(clusterId);
    if (access === undefined) throw new BerthError('cluster-not-found', `There is no cluster ${clusterId}.`);
    return access;
  }
}
