export { PostgresClusterProbe } from './postgres-cluster-probe.js';
export { PostgresTenantDatabase } from './postgres-tenant-database.js';
