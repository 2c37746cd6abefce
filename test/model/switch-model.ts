import { type Exploration, explore, type Move } from './explore.js';
import { brokenPromise } from './promises.js';
import { serverMoves } from './servers.js';
import { decide, type Plan, theSwitch } from './switch-steps.js';
import { keyOf, type Kind, type World } from './world.js';
import { type GivesBack, workerMoves } from './worker.js';
import { writerMoves } from './writers.js';

export interface Scene {
  readonly plan?: Plan;
  readonly writers: readonly Kind[];
  /** How often each may be killed at most. */
  readonly kills: Readonly<Record<'worker' | 'source' | 'target', number>>;
  readonly tries?: number;
  readonly looksBehindT1?: boolean;
  readonly givesBack?: GivesBack;
  /** Streams that take turns; default: the servers filter. */
  readonly inTurns?: boolean;
  /** A row that is there before the copy. */
  readonly oldRow?: boolean;
}

/** Explores everything that can happen in a scene. */
export function exploreSwitch(scene: Scene): Exploration {
  const { plan = theSwitch, looksBehindT1 = true, givesBack = 'unless decided' } = scene;
  const rules = { plan, pivot: plan.indexOf(decide), looksBehindT1, givesBack };
  return explore<World>({
    start: startOf(scene),
    moves: (world): readonly Move<World>[] => [
      ...workerMoves(world, rules),
      ...serverMoves(world),
      ...writerMoves(world),
    ],
    keyOf,
    wrongWith: brokenPromise,
    isEnd: ({ worker }) => worker.at === 'done' || worker.at === 'gave up',
  });
}

function startOf({ writers, kills, tries = 2, oldRow = false, inTurns = false }: Scene): World {
  const old = oldRow ? ['row old'] : [];
  return {
    source: { up: true, log: old, flushed: old.length },
    target: { up: true, log: [], flushed: 0 },
    t1: null,
    worker: { at: 'looking', did: [], read: null, cutOff: [], triesLeft: tries },
    writers: writers.map((kind, index) => ({
      ...{ name: `w${index + 1}`, kind, is: 'idle', at: null, sees: false, number: 0 },
    })),
    late: null,
    loginsAt: { source: true, target: true },
    secret: 'source',
    placement: 'source',
    wayBackFrom: inTurns ? 0 : null,
    turns: inTurns ? { forward: 'carries', back: 'rests' } : null,
    mayBreak: kills,
  };
}
