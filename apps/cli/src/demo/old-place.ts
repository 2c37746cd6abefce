import pg from 'pg';
import type { TenantSecret } from '@berth/domain';
import { countTables, type TableCount } from './counting.js';
import { sqlStateOf, withConnection, type TenantAccess } from './tenant-access.js';

export interface Refusal {
  readonly by: 'login' | 'admin';
  readonly refused: boolean;
  /** What the server said, word for word. */
  readonly answer: string;
}

/** Really tries to write at the old place with the tenant's old login. */
export async function tryOldLogin(old: TenantSecret): Promise<Refusal> {
  // The fence refuses the write; once the logins are off, already the login is.
  return attempt('login', ['25006', '28000', '28P01'], async () => {
    await withConnection(old, (client) => client.query('INSERT INTO demo_ledger (token) VALUES (-1)'));
  });
}

/** And as the cluster's admin in the tenant's own role: no login is off for it, so it is the fence that must refuse. */
export async function tryOldAdmin(access: TenantAccess, clusterId: string, old: TenantSecret): Promise<Refusal> {
  const admin = await access.adminOf(clusterId);
  return attempt('admin', ['25006'], async () => {
    await asOwner({ ...old, ...admin }, old.schema, (client) =>
      client.query(`INSERT INTO ${pg.escapeIdentifier(old.schema)}.demo_ledger (token) VALUES (-2)`),
    );
  });
}

export async function countOldPlace(
  access: TenantAccess,
  clusterId: string,
  old: TenantSecret,
): Promise<readonly TableCount[]> {
  const admin = await access.adminOf(clusterId);
  return asOwner({ ...old, ...admin }, old.schema, (client) => countTables(client, old.schema));
}

/** Takes the owner's role inside a transaction that is rolled back: the demo leaves no right behind. */
async function asOwner<T>(
  login: Parameters<typeof withConnection>[0],
  schema: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return withConnection(login, async (client) => {
    const owner = pg.escapeIdentifier(schema);
    await client.query('BEGIN');
    try {
      await client.query(`GRANT ${owner} TO CURRENT_USER`);
      await client.query(`SET LOCAL ROLE ${owner}`);
      return await work(client);
    } finally {
      await client.query('ROLLBACK');
    }
  });
}

async function attempt(by: Refusal['by'], refusals: readonly string[], work: () => Promise<void>): Promise<Refusal> {
  try {
    await work();
    return { by, refused: false, answer: 'the write was accepted' };
  } catch (error) {
    const state = sqlStateOf(error) ?? 'no answer:';
    const message = error instanceof Error ? error.message : String(error);
    // A network fault, or a table that is not there, proves nothing.
    return { by, refused: refusals.includes(state), answer: `${state} ${message}` };
  }
}
