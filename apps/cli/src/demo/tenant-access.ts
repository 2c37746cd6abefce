import { parseTenantId, secretRefs, type ClusterAdminSecret, type TenantSecret } from '@berth/domain';
import { LocalSecrets } from '@berth/local-secrets';
import pg from 'pg';
import { CommandFault, exitCodes } from '../exit-codes.js';
import type { Home } from '../system/home.js';

/**
 * How a product gets at a tenant's data: it reads the tenant's secret, today, and connects with what stands there. The demo
 * owns the local system, so it may open its secret store.
 */
export class TenantAccess {
  private constructor(private readonly secrets: LocalSecrets) {}

  static async open(home: Home): Promise<TenantAccess> {
    return new TenantAccess(await LocalSecrets.open({ folder: home.secrets }));
  }

  async secretOf(tenantId: string): Promise<TenantSecret> {
    const kept = await this.secrets.read(secretRefs.tenantDb(parseTenantId(tenantId)));
    if (kept !== null) return kept.document;
    throw new CommandFault(exitCodes.failed, `The tenant ${tenantId} has no secret.`, `berth tenants show ${tenantId}`);
  }

  async adminOf(clusterId: string): Promise<ClusterAdminSecret> {
    const kept = await this.secrets.read(secretRefs.clusterAdmin(clusterId));
    if (kept !== null) return kept.document;
    throw new CommandFault(exitCodes.failed, `The cluster ${clusterId} has no admin secret.`);
  }
}

type Login = Pick<TenantSecret, 'host' | 'port' | 'database' | 'username' | 'password'>;

/** @throws what the driver throws: SQLSTATEs are what the demo looks at */
export async function connect({ host, port, database, username, password }: Login): Promise<pg.Client> {
  const client = new pg.Client({
    ...{ host, port, database, password },
    user: username,
    application_name: 'berth demo',
    connectionTimeoutMillis: 5_000,
  });
  // A connection that the server ends while nobody waits on it; the next query tells.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

export async function withConnection<T>(login: Login, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(login);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}
