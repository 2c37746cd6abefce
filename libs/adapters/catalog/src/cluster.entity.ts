import type { Cluster } from '@berth/domain';
import { EntitySchema } from 'typeorm';

export const clusterEntity = new EntitySchema<Cluster>({
  name: 'cluster',
  tableName: 'clusters',
  schema: 'berth',
  columns: {
    id: { type: 'text', primary: true, collation: 'C' },
    tier: { type: 'text' },
    state: { type: 'text' },
    host: { type: 'text' },
    port: { type: 'integer' },
    sslMode: { type: 'text', name: 'ssl_mode' },
    ca: { type: 'text', nullable: true },
    database: { type: 'text', name: 'database_name' },
    postgresMajor: { type: 'integer', name: 'postgres_major' },
    labels: { type: 'jsonb' },
    maxTenants: { type: 'integer', name: 'max_tenants', nullable: true },
    maxOperations: { type: 'integer', name: 'max_operations' },
    managed: { type: 'boolean' },
    version: { type: 'integer', version: true },
    createdAt: { type: 'timestamptz', name: 'created_at', precision: 3, createDate: true },
  },
});
