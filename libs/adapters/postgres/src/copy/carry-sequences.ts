import { type Actor, BerthError, type Place } from '@berth/domain';
import {
  isBefore,
  type Position,
  readPositions,
  setPositionSql,
  stepsBehind,
} from '../comparison/sequence-positions.js';
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

/** More numbers than that nobody took in the seconds of a switch: the source was set by hand. */
const mostSteps = 1_000_000n;

/** Brings forward what would give out a number again that the source gave out; see the port. */
export async function carrySequences(
  connections: ClusterConnections,
  source: Place,
  target: Place,
  actor: Actor,
  targetIs: 'closed' | 'open',
): Promise<readonly string[]> {
  const there = await positionsAt(connections, source);
  return connections.withTransaction(
    target.clusterId,
    target.database,
    async (client) => {
      const here = await readPositions(client, target.schema, await schemaOid(client, target));
      const behind = [...there.values()].flatMap((wanted) => {
        const found = here.get(wanted.name);
        return found !== undefined && isBefore(found, wanted) && stepsBehind(found, wanted) > 0n
          ? [{ found, wanted }]
          : [];
      });
      // Only while nobody takes numbers: one that was taken after the position was read would be given out a second time.
      const statements = behind.map(({ found, wanted }) =>
        targetIs === 'open' ? takeNumbers(target, found, wanted) : setPositionSql(target.schema, wanted),
      );
      if (statements.length > 0) await client.query(statements.join('; '));
      return behind.map(({ wanted }) => wanted.name);
    },
    { actor, memberOf: [target.ownerRole] },
  );
}

/** As everybody takes them, so never back, whoever else takes some meanwhile. */
function takeNumbers({ schema, clusterId }: Place, found: Position, wanted: Position): string {
  const steps = stepsBehind(found, wanted);
  if (steps > mostSteps) {
    throw new BerthError(
      'sequence-behind',
      `Sequence ${wanted.name} on cluster ${clusterId} is ${String(steps)} numbers behind.`,
      {
        hint: 'Somebody set it at the old place after the switch. Set it forward at the new one, or back at the old one, then retry the operation.',
      },
    );
  }
  return `SELECT count(nextval(${quoteLiteral(quoteQualified(schema, wanted.name))})) FROM generate_series(1, ${String(steps)})`;
}
