import type { Connection } from '../connection/index.js';

/** The mode in which a trigger is quiet while a stream is applied, by the mode that it was in; of the row `q` of `berth.quiet_trigger`. */
export const quietMode = `CASE q.mode WHEN 'A' THEN 'O' ELSE 'D' END`;

/** Whether the database knows quiet triggers at all: one where none ever was does not. */
export async function hasQuietTriggers(client: Connection): Promise<boolean> {
  const { rows } = await client.query<{ known: boolean }>(
    `SELECT to_regclass('berth.quiet_trigger') IS NOT NULL AS known`,
  );
  return rows[0]?.known === true;
}

/** What the schema's quiet triggers are to the tenant, by table and name. One that somebody set otherwise meanwhile is no longer ours. */
export async function readQuietModes(client: Connection, schemaOid: string): Promise<ReadonlyMap<string, string>> {
  if (!(await hasQuietTriggers(client))) return new Map();
  const { rows } = await client.query<{ object: string; mode: string }>(
    `SELECT c.relname || '.' || t.tgname AS object, q.mode
     FROM berth.quiet_trigger q JOIN pg_trigger t ON t.oid = q.trigger JOIN pg_class c ON c.oid = t.tgrelid
     WHERE c.relnamespace = $1::oid AND t.tgenabled::text = ${quietMode}`,
    [schemaOid],
  );
  return new Map(rows.map(({ object, mode }) => [object, mode]));
}
