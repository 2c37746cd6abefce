import type { ClusterAccess } from '@berth/domain';
import type { ClientConfig } from 'pg';
import { tlsOptions } from './tls.js';

/**
 * Nothing of a tenant's is ever found by the admin's search_path; and JIT would cost 100 ms on catalog queries that take 3.
 */
const startupOptions = '-c search_path=pg_catalog,pg_temp -c jit=off';

export function clientConfig(
  access: ClusterAccess,
  database: string,
  applicationName: string,
  connectTimeoutMs: number,
): ClientConfig {
  return {
    host: access.host,
    port: access.port,
    user: access.user,
    password: access.password,
    database,
    ssl: tlsOptions(access),
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    options: startupOptions,
  };
}
