import type { SslMode, TenantSecret } from '../secret.js';
import type { PlacementSource } from './placement-source.js';

/**
 * The same secrets, reached through a PgBouncer whose aliases Berth keeps: its address, and the tenant's id as the database. With
 * transaction pooling leave `withClient` alone.
 */
export function viaPooler(
  source: PlacementSource,
  pooler: { readonly host: string; readonly port: number; readonly sslmode: SslMode; readonly sslrootcert?: string },
): PlacementSource {
  return {
    async read(tenantId, options): Promise<TenantSecret | null> {
      const secret = await source.read(tenantId, options);
      if (secret === null) return null;
      const { sslrootcert: _ofServer, ...rest } = secret;
      return { ...rest, ...pooler, database: tenantId };
    },
    ...(source.peek && { peek: source.peek.bind(source) }),
  };
}
