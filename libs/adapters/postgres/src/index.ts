export { ClusterConnections, type ClusterConnectionsOptions } from './connection/index.js';
export { PostgresTenantAdoption } from './adoption/postgres-tenant-adoption.js';
export { PostgresTenantComparison } from './comparison/postgres-tenant-comparison.js';
export { PostgresIsolationProber } from './isolation/postgres-isolation-prober.js';
export { PostgresTenantFence } from './fence/postgres-tenant-fence.js';
export * from './tenancy/index.js';
export { PostgresTenantCopy, type PostgresTenantCopyOptions } from './copy/postgres-tenant-copy.js';
