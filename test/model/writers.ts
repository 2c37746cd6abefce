import type { Move } from './explore.js';
import { changeWriter, commit, has, lastNumber, mayMakeTables, type Side, type World, type Writer } from './world.js';

/**
 * What a writer may do next. It may have read the secret long ago or just now, so it tries either place at any time; where it is
 * refused (25006), or its connection breaks before COMMIT, it tries the same write again.
 */
export function writerMoves(world: World): readonly Move<World>[] {
  return world.writers.flatMap((writer) => {
    switch (writer.is) {
      case 'idle':
        return [...first(world, writer, 'source'), ...first(world, writer, 'target')];
      case 'begun':
        return writer.at === null ? [] : write(world, writer, writer.at);
      case 'wrote':
        return acknowledge(world, writer);
      case 'acknowledged':
      case 'lost':
        return [];
    }
  });
}

const isReached = (world: World, side: Side): boolean => world[side].up && world.loginsAt[side];

/** Whether the trigger lets a statement through, by what is there now, or by what the snapshot shows where it reads a row. */
function isLetThrough(world: World, side: Side, sees: boolean): boolean {
  return side === 'source' ? !has(world.source, 'fence') && !sees : sees;
}

/** The row that the fence as a flag, and the gate, would read now. */
const wouldSee = (world: World, side: Side): boolean =>
  side === 'source' ? has(world.source, 'flag') : has(world.target, 'open');

function first(world: World, writer: Writer, side: Side): readonly Move<World>[] {
  if (!isReached(world, side)) return [];
  const { name, kind } = writer;
  switch (kind) {
    case 'snapshot': {
      const to = changeWriter(world, name, { is: 'begun', at: side, sees: wouldSee(world, side) });
      return [{ line: `${name}: begins, and takes its snapshot at the ${side}`, to }];
    }
    case 'taker':
      return isTold(world, side) ? [takeNumber(world, writer, side)] : [];
    case 'maker':
      return makeTable(world, writer, side);
    case 'plain':
    case 'async':
    case 'numbered':
      return write(world, { ...writer, sees: wouldSee(world, side) }, side);
  }
}

/** Waits behind T1's lock; then the trigger is asked, as it stands by then. */
function write(world: World, { name, kind, sees }: Writer, side: Side): readonly Move<World>[] {
  if (side === 'source' && world.t1 !== null) return [];
  if (!isLetThrough(world, side, sees)) {
    const line = `${name}: is refused at the ${side}`;
    const to = changeWriter(world, name, { is: 'idle', at: null, sees: false });
    return [{ line, to }];
  }
  const line = `${name}: writes at the ${side}`;
  if (kind !== 'numbered') return [{ line, to: changeWriter(world, name, { is: 'wrote', at: side, sees: false }) }];
  const number = lastNumber(world[side]) + 1;
  const took = commit(world, side, [`took ${number}`], { flush: false });
  const to = changeWriter(took, name, { is: 'wrote', at: side, sees: false, number });
  return [{ line: `${line}, with number ${number}`, to }];
}

/** What no trigger refuses nobody does at the target before the secret names it. */
const isTold = ({ secret }: World, side: Side): boolean => side === 'source' || secret === 'target';

/** No lock and no trigger is in its way. */
function takeNumber(world: World, { name }: Writer, side: Side): Move<World> {
  const number = lastNumber(world[side]) + 1;
  const to = changeWriter(commit(world, side, [`took ${number}`]), name, { is: 'acknowledged', number });
  return { line: `${name}: takes number ${number} at the ${side}`, to };
}

/** No lock and no trigger stands on a table that is new. */
function makeTable(world: World, { name }: Writer, side: Side): readonly Move<World>[] {
  if (!isTold(world, side) || (side === 'source' && !mayMakeTables(world.source))) return [];
  return [{ line: `${name}: makes a table at the ${side}`, to: changeWriter(world, name, { is: 'wrote', at: side }) }];
}

function acknowledge(world: World, { name, kind, at }: Writer): readonly Move<World>[] {
  if (at === null) return [];
  const change = kind === 'maker' ? `table ${name}` : `row ${name}`;
  const committed = commit(world, at, [change], { flush: kind !== 'async' });
  return [
    {
      line: `${name}: commits at the ${at}`,
      to: changeWriter(committed, name, { is: 'acknowledged', at: kind === 'async' ? at : null }),
    },
  ];
}

/** Whether a write could still be acknowledged at a side, of a transaction that is open or of one that begins now. */
export function takesWrites(world: World, side: Side): boolean {
  if (!world[side].up) return false;
  const open = ({ is, at, sees, kind }: Writer): boolean =>
    at === side && (is === 'wrote' || (is === 'begun' && isLetThrough(world, side, sees) && kind === 'snapshot'));
  if (world.writers.some(open)) return true;
  if (!world.loginsAt[side]) return false;
  const isLocked = side === 'source' && world.t1 !== null;
  return !isLocked && isLetThrough(world, side, wouldSee(world, side));
}
