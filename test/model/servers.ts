import type { Move } from './explore.js';
import {
  type Change,
  commit,
  endSessions,
  isSent,
  isSentOn,
  isTrying,
  otherSide,
  type Server,
  type Side,
  type World,
} from './world.js';

/** What the two servers do by themselves, and what befalls them. */
export function serverMoves(world: World): readonly Move<World>[] {
  return [
    ...decidingTransaction(world),
    ...lateMessage(world),
    ...stream(world),
    ...wayBack(world),
    ...writesOut(world),
    ...crashes(world, 'source'),
    ...crashes(world, 'target'),
  ];
}

function decidingTransaction(world: World): readonly Move<World>[] {
  const { t1 } = world;
  if (t1 === null) return [];
  const moves: Move<World>[] = [];
  if (t1.committing) {
    // synchronous_commit = on: it is on the disk before anybody sees it, and all that was committed before it.
    moves.push({
      line: `source: T1 commits: ${t1.changes.join(', ')}`,
      to: commit({ ...world, t1: null }, 'source', t1.changes),
    });
  }
  if (!t1.orphan && !t1.committing && world.mayBreak.worker > 0) {
    // Its worker stands still, or is cut off, and hears of it by its next statement.
    const worker = { ...world.worker, cutOff: [...new Set([...world.worker.cutOff, 'T1' as const])].sort() };
    const mayBreak = { ...world.mayBreak, worker: world.mayBreak.worker - 1 };
    moves.push({ line: 'source: ends T1 by its own clock', to: { ...world, t1: null, worker, mayBreak }, fault: true });
  }
  if (t1.orphan) moves.push({ line: 'source: rolls T1 back, its worker is gone', to: { ...world, t1: null } });
  return moves;
}

/** A worker that was killed, or stopped, may have sent its setval before. */
function lateMessage(world: World): readonly Move<World>[] {
  if (world.late === null || !world.target.up) return [];
  const gone = { ...world, late: null };
  return [
    {
      line: `target: a killed worker's setval(${world.late}) arrives`,
      to: commit(gone, 'target', [`set ${world.late}`]),
    },
    { line: 'target: the connection of a killed worker ends', to: gone },
  ];
}

/** What comes next from one server to the other. A stream sends what is on the disk, and nothing before. */
function nextOf(
  from: Server,
  since: number,
  to: Server,
  sends: (change: Change) => boolean = isSent,
): Change | undefined {
  const applied = to.log.filter((change) => change.startsWith('< ')).length;
  return from.log.slice(since, from.flushed).filter(sends)[applied]?.replace('< ', '');
}

function stream(world: World): readonly Move<World>[] {
  const { source, target, loginsAt, turns } = world;
  if (!source.up || !target.up || !loginsAt.target || (turns !== null && turns.forward !== 'carries')) return [];
  const next = nextOf(source, source.log[0] === 'row old' ? 1 : 0, target, turns === null ? isSent : isSentOn);
  if (next === undefined) return [];
  // The worker that applies does not wait for the disk: what it applied may go in a crash, and comes again.
  return [{ line: `stream: the target applies ${next}`, to: commit(world, 'target', [`< ${next}`], { flush: false }) }];
}

function wayBack(world: World): readonly Move<World>[] {
  const { source, target, wayBackFrom, turns } = world;
  if (!source.up || !target.up || wayBackFrom === null || turns?.back === 'stopped') return [];
  if (turns?.back === 'rests') {
    if (target.flushed <= wayBackFrom) return [];
    return [{ line: 'way back: passes by all that is at the target', to: { ...world, wayBackFrom: target.flushed } }];
  }
  const next = nextOf(target, wayBackFrom, source, turns === null ? isSent : isSentOn);
  if (next === undefined) return [];
  return [
    { line: `way back: the source applies ${next}`, to: commit(world, 'source', [`< ${next}`], { flush: false }) },
  ];
}

/** What came to the old place goes to its disk sooner or later, and a stream that filters nothing would send it on. */
function writesOut(world: World): readonly Move<World>[] {
  const { source, turns } = world;
  if (turns?.back !== 'carries' || !source.up || source.flushed === source.log.length) return [];
  return [{ line: 'source: writes its log to the disk', to: commit(world, 'source', []) }];
}

function crashes(world: World, side: Side): readonly Move<World>[] {
  const server = world[side];
  if (!server.up) return [{ line: `${side}: starts again`, to: { ...world, [side]: { ...server, up: true } } }];
  if (world.mayBreak[side] === 0) return [];
  return [{ line: `kill -9 of the ${side}`, to: crash(world, side), fault: true }];
}

/** Transactions that are open there are gone, and what was not on the disk. */
function crash(world: World, side: Side): World {
  const server = world[side];
  const log = server.log.slice(0, server.flushed);
  const ended = endSessions(world, side);
  const { worker } = world;
  return {
    ...ended,
    [side]: { up: false, log, flushed: log.length },
    t1: side === 'source' ? null : world.t1,
    late: side === 'target' ? null : world.late,
    worker:
      worker.cutOff.includes(side) || !isTrying(worker)
        ? worker
        : { ...worker, cutOff: [...worker.cutOff, side].sort() },
    writers: ended.writers.map((writer) => {
      const { name, kind, is, at } = writer;
      const isGone =
        is === 'acknowledged' &&
        kind === 'async' &&
        at === side &&
        !log.includes(`row ${name}`) &&
        !world[otherSide[side]].log.includes(`< row ${name}`);
      return isGone ? { ...writer, is: 'lost' } : writer;
    }),
    mayBreak: { ...world.mayBreak, [side]: world.mayBreak[side] - 1 },
  };
}
