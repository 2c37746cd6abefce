import type { Difference } from '@berth/domain';
import type { Connection } from '../connection/index.js';
import { isBefore, type Position, readPositions } from './sequence-positions.js';

interface SequenceSide {
  readonly client: Connection;
  readonly schema: string;
  readonly oid: string;
}

/** Sequences that do not stand at the same value. One that is on one side only is a difference of the definitions. */
export async function compareSequences(source: SequenceSide, target: SequenceSide): Promise<readonly Difference[]> {
  const [there, here] = await Promise.all(
    [source, target].map(({ client, schema, oid }) => readPositions(client, schema, oid)),
  );
  const differences: Difference[] = [];
  for (const [name, ours] of there ?? []) {
    const theirs = here?.get(name);
    if (theirs === undefined || (theirs.last === ours.last && theirs.called === ours.called)) continue;
    const behind = isBefore(theirs, ours) ? 'behind' : 'ahead of';
    differences.push({
      kind: 'sequence-position',
      object: name,
      message: `sequence ${name} is ${behind} the source: ${inWords(ours)} on the source, ${inWords(theirs)} on the target`,
    });
  }
  return differences;
}

function inWords({ last, called }: Position): string {
  return called ? `last value ${last}` : `next value ${last}`;
}
