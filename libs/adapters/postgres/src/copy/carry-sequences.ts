import type { Actor, Place } from '@berth/domain';
import { isBefore, type Position, readPositions } from '../comparison/sequence-positions.js';
import { type ClusterConnections, quoteLiteral, quoteQualified } from '../connection/index.js';
import { schemaOid } from '../comparison/definitions.js';

export async function positionsAt(
  connections: ClusterConnections,
  place: Place,
): Promise<ReadonlyMap<string, Position>> {
  return connections.withTransaction(
    place.clusterId,
    place.database,
    async (client) => readPositions(client, place.schema, await schemaOid(client, place)),
    { memberOf: [place.ownerRole] },
  );
}

/** Sets forward what would give out a number again that the source gave out; see the port. */
export async function carrySequences(
  connections: ClusterConnections,
  source: Place,
  target: Place,
  actor: Actor,
): Promise<readonly string[]> {
  const there = await positionsAt(connections, source);
  return connections.withTransaction(
    target.clusterId,
    target.database,
    async (client) => {
      const here = await readPositions(client, target.schema, await schemaOid(client, target));
      const behind = [...there.values()].filter((wanted) => {
        const found = here.get(wanted.name);
        return found !== undefined && isBefore(found, wanted);
      });
      const statements = behind.map(
        ({ name, last, called }) =>
          `SELECT setval(${quoteLiteral(quoteQualified(target.schema, name))}, ${quoteLiteral(last)}::bigint, ${String(called)})`,
      );
      if (statements.length > 0) await client.query(statements.join('; '));
      return behind.map(({ name }) => name);
    },
    { actor, memberOf: [target.ownerRole] },
  );
}
