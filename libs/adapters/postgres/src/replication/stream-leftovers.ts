import type { Place, ReplicationStream } from '@berth/domain';
import type { ClusterConnections } from '../connection/index.js';
import { countQuiet } from './quiet-triggers.js';
import { restingPublication } from './stream-names.js';

/** By name alone: what a crash left half-made is found too. Slots and roles belong to the server, the rest to the database. */
const leftQuery = `
  SELECT 'slot' AS kind FROM pg_replication_slots WHERE slot_name = $1
  UNION ALL SELECT 'publication' FROM pg_publication WHERE pubname IN ($1, $2)
  UNION ALL SELECT 'subscription' FROM pg_subscription WHERE subname = $1
    AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  UNION ALL SELECT 'schema' FROM pg_namespace WHERE nspname = $1
  UNION ALL SELECT 'role' FROM pg_roles WHERE rolname = $1`;

export async function leftoversOf(
  connections: ClusterConnections,
  stream: ReplicationStream,
  ends: 'both' | 'from' | 'to',
): Promise<readonly string[]> {
  const at = async ({ clusterId, database }: Place): Promise<readonly string[]> => {
    const { named, quiet } = await connections.withTransaction(
      clusterId,
      database,
      async (client) => ({
        named: (await client.query<{ kind: string }>(leftQuery, [stream.name, restingPublication(stream)])).rows,
        quiet: await countQuiet(client, stream),
      }),
      { readOnly: true },
    );
    return [
      ...named.map(({ kind }) => `The ${kind} ${stream.name} is still on cluster ${clusterId}.`),
      ...(quiet === 0 ? [] : [`Of ${stream.name} ${String(quiet)} triggers are still quiet on cluster ${clusterId}.`]),
    ];
  };
  const asked = ends === 'both' ? (['from', 'to'] as const) : [ends];
  return (await Promise.all(asked.map((end) => at(stream[end])))).flat();
}
