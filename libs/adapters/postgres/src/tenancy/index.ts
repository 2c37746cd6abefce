export { tenantsGroup } from './cluster-roles.js';
export { PostgresClusterProbe } from './postgres-cluster-probe.js';
export { PostgresTenantDatabase } from './postgres-tenant-database.js';
export { SqlFileMigrations, type SqlFileMigrationsOptions } from './sql-file-migrations.js';
export { CommandMigrations, type CommandMigrationsOptions } from './command-migrations.js';
