import { type Connection, grantToSelf, quoteIdent, serverMajor } from '../connection/index.js';
import { tenantsGroup } from '../tenancy/cluster-roles.js';
import { grantToLogin } from '../tenancy/tenant-roles.js';

/**
 * Makes the role of a stream at one of its ends, which may connect to the database. False: it was there. A worker of the server's
 * is a session too and needs LOGIN; with a limit of no connections nobody else comes in by it.
 */
export async function makeStreamRole(
  client: Connection,
  name: string,
  database: string,
  options: 'REPLICATION' | 'CONNECTION LIMIT 0',
): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  if (rowCount !== 0) return false;
  const major = await serverMajor(client);
  const { rows } = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles WHERE rolname = $1', [
    tenantsGroup,
  ]);
  const groups = rows.map(({ rolname }) => grantToLogin(major, rolname, name));
  await client.query([...(await creation(client, name, options)), ...groups].join('; '));
  const { rows: allowed } = await client.query<{ connect: boolean }>(
    `SELECT has_database_privilege($1, current_database(), 'CONNECT') AS connect`,
    [name],
  );
  if (allowed[0]?.connect !== true)
    await client.query(`GRANT CONNECT ON DATABASE ${quoteIdent(database)} TO ${quoteIdent(name)}`);
  return true;
}

/** On Amazon RDS nobody has the attribute REPLICATION, or may give it: there it is membership in a role of theirs. */
async function creation(client: Connection, name: string, options: string): Promise<readonly string[]> {
  const role = quoteIdent(name);
  const { rowCount } = await client.query(`SELECT FROM pg_roles WHERE rolname = 'rds_replication'`);
  if (options !== 'REPLICATION' || rowCount === 0) return [`CREATE ROLE ${role} LOGIN ${options}`];
  return [`CREATE ROLE ${role} LOGIN`, `GRANT rds_replication TO ${role}`];
}

/** Ends a role of a stream with its sessions and every grant that it has. Convergent. */
export async function dropStreamRole(client: Connection, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  if (rowCount === 0) return;
  await client.query(grantToSelf(await serverMajor(client), name));
  await client.query(`SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = $1`, [name]);
  await client.query(`DROP OWNED BY ${quoteIdent(name)}; DROP ROLE ${quoteIdent(name)}`);
}
