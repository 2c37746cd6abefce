import path from 'node:path';
import type { Config } from '@berth/config';
import type { TenantMigrations } from '@berth/ports';
import { CommandMigrations, SqlFileMigrations, type ClusterConnections } from '@berth/postgres';
import { NoMigrations } from './no-migrations.js';

export function migrationsFor(config: Config, connections: ClusterConnections): TenantMigrations {
  const { BERTH_MIGRATIONS_DIR: folder, BERTH_MIGRATIONS_COMMAND: line, BERTH_MIGRATIONS_RELEASE: release } = config;
  if (folder !== undefined) return new SqlFileMigrations(connections, { folder });
  if (line === undefined || release === undefined) return new NoMigrations();
  const [program = '', ...rest] = line.trim().split(/ +/);
  return new CommandMigrations(connections, {
    command: [program, ...rest],
    release,
    name: path.basename(program),
    cwd: process.cwd(),
    environment: { PATH: config.PATH, HOME: config.HOME },
  });
}
