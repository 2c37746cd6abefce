import type { ClusterAccess, Finding, Place } from '@berth/domain';
import { type Connection, quoteQualified } from '../connection/index.js';

/**
 * The worker writes as the owner of the table, and PostgreSQL refuses every change that comes by a stream into a table whose
 * policies count for that owner too.
 */
export async function forcedPolicyFindings(
  client: Connection,
  { schema }: Place,
  oid: string,
): Promise<readonly Finding[]> {
  const { rows } = await client.query<{ table: string }>(
    `SELECT c.relname AS table FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
     WHERE c.relnamespace = $1::oid AND c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity
       AND NOT r.rolbypassrls AND NOT r.rolsuper ORDER BY 1`,
    [oid],
  );
  return rows.map(({ table }) => ({
    code: 'forced-row-security',
    severity: 'error',
    object: `table ${quoteQualified(schema, table)}`,
    message: 'Its policies count for its owner too: no change could be applied to it at the other end.',
    remedy: `ALTER TABLE ${quoteQualified(schema, table)} NO FORCE ROW LEVEL SECURITY for the time of the move, or move by dump.`,
  }));
}

/** A server has no file of an authority that Berth keeps as text, so it checks no certificate by it. */
export function tlsFindings({
  clusterId,
  sslMode,
  ca,
}: Pick<ClusterAccess, 'clusterId' | 'sslMode' | 'ca'>): readonly Finding[] {
  if (!sslMode.startsWith('verify') || ca === undefined) return [];
  return [
    {
      code: 'stream-tls-unchecked',
      severity: 'warning',
      object: `cluster ${clusterId}`,
      message: `The other server follows it by TLS without checking its certificate: sslmode is require there, not ${sslMode}.`,
      remedy:
        'Keep the way between the two servers private, give it a certificate of a public authority, or move by dump.',
    },
  ];
}
