import type { Finding, Place, ReplicationStream } from '@berth/domain';
import { schemaOid } from '../comparison/definitions.js';
import { type Connection, quoteIdent, quoteQualified } from '../connection/index.js';

/** Tables whose policies count for their owner too, which is no superuser and has no BYPASSRLS. */
async function forcedTables(client: Connection, oid: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ table: string }>(
    `SELECT c.relname AS table FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
     WHERE c.relnamespace = $1::oid AND c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity
       AND NOT r.rolbypassrls AND NOT r.rolsuper ORDER BY 1`,
    [oid],
  );
  return rows.map(({ table }) => table);
}

/**
 * A worker that has become the owner of such a table is refused every change. So the role of the stream passes policies over, and its worker
 * writes as that role: it has the owner's rights. Nobody else comes in by it, and it goes with the stream. Only who has BYPASSRLS can give it.
 */
export async function passForcedPolicies(client: Connection, stream: ReplicationStream, major: number): Promise<void> {
  if ((await forcedTables(client, await schemaOid(client, stream.to))).length === 0) return;
  const name = quoteIdent(stream.name);
  await client.query(`ALTER ROLE ${name} BYPASSRLS`);
  // On PostgreSQL 15 it does so anyway.
  if (major >= 16) await client.query(`ALTER SUBSCRIPTION ${name} SET (run_as_owner = true)`);
}

/** `bound`: clusters whose admin policies count for. Each end reads and applies: it is compared, and the way back starts before the switch. */
export async function forcedPolicyFindings(
  client: Connection,
  { schema }: Place,
  oid: string,
  bound: readonly string[],
): Promise<readonly Finding[]> {
  if (bound.length === 0) return [];
  const where = bound.join(' and ');
  return (await forcedTables(client, oid)).map((table) => ({
    code: 'forced-row-security',
    severity: 'error',
    object: `table ${quoteQualified(schema, table)}`,
    message: `Its policies count for its owner too. To read it whole, and to apply changes to it, the admin login has to pass them over, and has no BYPASSRLS on ${where}.`,
    remedy: `As a superuser of ${where}: ALTER ROLE <admin> BYPASSRLS. Or ALTER TABLE ${quoteQualified(schema, table)} NO FORCE ROW LEVEL SECURITY for the time of the move.`,
  }));
}
