import type { Config } from '@berth/config';
import type { TenantMigrations } from '@berth/ports';
import { SqlFileMigrations, type ClusterConnections } from '@berth/postgres';
import { NoMigrations } from './no-migrations.js';

export function migrationsFor(config: Config, connections: ClusterConnections): TenantMigrations {
  if (config.BERTH_MIGRATIONS_DIR !== undefined)
    return new SqlFileMigrations(connections, { folder: config.BERTH_MIGRATIONS_DIR });
  if (config.BERTH_MIGRATIONS_COMMAND !== undefined) {
    throw new Error('soon');
  }
  return new NoMigrations();
}
