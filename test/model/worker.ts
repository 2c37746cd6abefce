import type { Move } from './explore.js';
import type { Plan, Step } from './switch-steps.js';
import { commit, endSessions, has, isTrying, lastNumber, mayMakeTables, type Worker, type World } from './world.js';

/** How the right to make tables is given back where a try ends: T1 is waited for and the marker looked for, or one of both is not. */
export type GivesBack = 'unless decided' | 'without looking' | 'without waiting';

export interface WorkerRules {
  readonly plan: Plan;
  /** The step that decides; those after it only go forward. */
  readonly pivot: number;
  /** Who looks whether it was decided takes the row that T1 holds, and so waits for T1's end. */
  readonly looksBehindT1: boolean;
  readonly givesBack: GivesBack;
}

/** What the worker of the move may do next, and the one that comes after it. */
export function workerMoves(world: World, rules: WorkerRules): readonly Move<World>[] {
  const { at } = world.worker;
  switch (at) {
    case 'ending':
      return [...giveUp(world, rules), ...kill(world, rules)];
    case 'looking':
      return look(world, rules);
    case 'dead':
      return [{ line: 'worker: another one takes over', to: changeWorker(world, { at: 'looking' }) }];
    case 'done':
    case 'gave up':
      return kill(world, rules);
    default:
      return [...(at <= rules.pivot ? tryOn(world, rules, at) : goOn(world, rules, at)), ...kill(world, rules)];
  }
}

const changeWorker = (world: World, change: Partial<Worker>): World => ({
  ...world,
  worker: { ...world.worker, did: [], read: null, cutOff: [], ...change },
});

/** Was it decided? The marker at the source is the only one that knows. */
function look(world: World, { pivot, looksBehindT1 }: WorkerRules): readonly Move<World>[] {
  if (!world.source.up || (looksBehindT1 && world.t1 !== null)) return [];
  if (has(world.source, 'moved')) {
    return [{ line: 'worker: sees that it is decided, and goes on', to: changeWorker(world, { at: pivot + 1 }) }];
  }
  const { triesLeft } = world.worker;
  const again = { line: 'worker: tries', to: changeWorker(world, { at: 0, triesLeft: triesLeft - 1 }) };
  return [...(triesLeft > 0 ? [again] : []), { line: 'worker: takes the move back', to: takeBack(world) }];
}

const giveCreate = (world: World): World => (mayMakeTables(world.source) ? world : commit(world, 'source', ['grant']));

/** The undo: the right to make tables is given back, and the target's place goes. */
function takeBack(world: World): World {
  const given = giveCreate(world);
  const closed = endSessions({ ...given, loginsAt: { ...given.loginsAt, target: false } }, 'target');
  return changeWorker({ ...closed, wayBackFrom: null, turns: null }, { at: 'gave up' });
}

/** Up to the pivot everything runs on connections that were opened before, and T1's end ends the try. */
function tryOn(world: World, rules: WorkerRules, at: number): readonly Move<World>[] {
  const { worker, t1 } = world;
  if (worker.did.includes('asked')) return hear(world, at);
  const moves: Move<World>[] = stepsAt(rules.plan, at)
    .filter(({ name }) => !worker.did.includes(name))
    .flatMap((step) => {
      if (isCutOff(worker, step))
        return [{ line: `worker: has lost its connection to the ${step.at}`, to: endTry(world) }];
      if (step.refuses?.(world) === true)
        return [{ line: `worker: finds that the move cannot go on`, to: endTry(world, { triesLeft: 0 }) }];
      if (!step.can(world)) return [];
      const done = step.does(world);
      const asks = at === rules.pivot;
      return [{ line: `worker: ${step.name}`, to: asks ? didSo(done, 'asked') : pass(done, rules, step, at) }];
    });
  const isSlow = t1 !== null || world.worker.at !== 0;
  return isSlow ? [...moves, { line: 'worker: the deadline passes, it rolls back', to: endTry(world) }] : moves;
}

const isCutOff = ({ cutOff }: Worker, { at }: Step): boolean =>
  at !== 'beside' && (cutOff.includes(at) || (at === 'source' && cutOff.includes('T1')));

function endTry(world: World, change: Partial<Worker> = {}): World {
  const { cutOff } = world.worker;
  return changeWorker({ ...world, t1: null }, { at: 'ending', cutOff, ...change });
}

/** A way back that is stopped brings its marker again. */
const startWayBack = (world: World): World =>
  world.turns?.back === 'stopped' ? { ...world, turns: { ...world.turns, back: 'rests' } } : world;

/** The right to make tables goes back to the tenant, if the source can be reached on a connection that was opened before. */
function giveUp(world: World, { givesBack }: WorkerRules): readonly Move<World>[] {
  if (world.worker.cutOff.includes('source')) {
    const left = changeWorker(world, { at: 'looking' });
    const without = { line: 'worker: cannot give the right to make tables back', to: left };
    if (world.turns === null || !world.source.up || world.t1 !== null || has(world.source, 'moved')) return [without];
    return [without, { line: 'worker: starts the way back on a connection that is new', to: startWayBack(left) }];
  }
  // Who gives it back takes the row that T1 holds.
  if (world.t1 !== null && givesBack !== 'without waiting') return [];
  if (has(world.source, 'moved') && givesBack !== 'without looking')
    return [{ line: 'worker: finds the marker, and gives nothing back', to: changeWorker(world, { at: 'looking' }) }];
  const to = changeWorker(startWayBack(giveCreate(world)), { at: 'looking' });
  return [{ line: 'worker: gives the right to make tables back', to }];
}

/** COMMIT was sent: the answer comes, or the connection breaks and nobody knows. */
function hear(world: World, at: number): readonly Move<World>[] {
  const { worker, t1, mayBreak } = world;
  const unheard = (left: World): World => changeWorker(left, { at: 'ending', cutOff: worker.cutOff });
  if (worker.cutOff.includes('source'))
    return [{ line: 'worker: does not know whether it was decided', to: unheard(world) }];
  if (t1 === null) return [{ line: 'worker: hears that it is decided', to: changeWorker(world, { at: at + 1 }) }];
  if (mayBreak.worker === 0) return [];
  // Only this one connection breaks, before COMMIT arrives or before its answer does: T1 ends either way.
  const left = { ...world, t1: { ...t1, orphan: true }, mayBreak: { ...mayBreak, worker: mayBreak.worker - 1 } };
  return [{ line: 'the connection of T1 breaks, and the answer to COMMIT is lost', to: unheard(left), fault: true }];
}

/** After the pivot each step opens its own connection, waits for the server, and may run again. */
function goOn(world: World, rules: WorkerRules, at: number): readonly Move<World>[] {
  return stepsAt(rules.plan, at)
    .filter(({ name }) => !world.worker.did.includes(name))
    .filter((step) => (step.at === 'beside' || world[step.at].up) && step.can(world))
    .map((step) => ({ line: `worker: ${step.name}`, to: pass(step.does(world), rules, step, at) }));
}

function stepsAt(plan: Plan, at: number): readonly Step[] {
  const here = plan[at];
  return here === undefined ? [] : 'name' in here ? [here] : here;
}

const didSo = (world: World, what: string): World => ({
  ...world,
  worker: { ...world.worker, did: [...world.worker.did, what].sort() },
});

function pass(world: World, { plan }: WorkerRules, { name }: Step, at: number): World {
  const did = [...world.worker.did, name].sort();
  if (did.length < stepsAt(plan, at).length) return { ...world, worker: { ...world.worker, did } };
  return { ...world, worker: { ...world.worker, did: [], at: at + 1 < plan.length ? at + 1 : 'done' } };
}

/** Whatever it holds at the servers stays there until they notice; what it has sent may still arrive. */
function kill(world: World, { plan, pivot }: WorkerRules): readonly Move<World>[] {
  const { worker, t1, mayBreak } = world;
  if (mayBreak.worker === 0 || !isTrying(worker)) return [];
  const trying = typeof worker.at === 'number' && worker.at < pivot && !worker.cutOff.includes('target');
  const now = trying ? stepsAt(plan, worker.at).map(({ as }) => as) : [];
  const sends = now.includes('bringSequences')
    ? lastNumber(world.source)
    : now.includes('setSequences')
      ? worker.read
      : null;
  const late = sends ?? world.late;
  const left = { ...world, late, t1: t1 === null ? null : { ...t1, orphan: true } };
  const to = changeWorker({ ...left, mayBreak: { ...mayBreak, worker: mayBreak.worker - 1 } }, { at: 'dead' });
  return [{ line: 'SIGKILL of the worker', to, fault: true }];
}
