import type { Place } from '@berth/domain';
import type { Connection } from '../connection/index.js';

const standingQuery = `
  SELECT c.relname AS name FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND t.tgname = $2 ORDER BY c.relname`;

/**
 * A sentence for each table of the place that has a trigger of this name, enabled or not, whatever it does; none where there is no such schema
 * any more.
 */
export async function standingTriggers(
  client: Connection,
  { clusterId, schema }: Place,
  trigger: string,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(standingQuery, [schema, trigger]);
  return rows.map(({ name }) => `The trigger ${trigger} is still on ${schema}.${name} on cluster ${clusterId}.`);
}
