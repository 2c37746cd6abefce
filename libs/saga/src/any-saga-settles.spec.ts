import { PlayedError, type PlayedStep, SagaStage } from '@berth/testing';
import fc from 'fast-check';
import { notYet, type Failpoint } from './index.js';

/** What befalls one act; afterwards the next act of the same step meets the next one. */
type Fate =
  'done' | 'backoff' | 'wait' | 'never' | 'operator' | 'notYet' | 'crash before' | 'crash after' | 'crash journaled';

const fates = fc.constantFrom<Fate>(
  'done',
  'done',
  'done',
  'backoff',
  'wait',
  'never',
  'operator',
  'notYet',
  'crash before',
  'crash after',
  'crash journaled',
);
const stepFates = fc.record({ run: fc.array(fates, { maxLength: 4 }), undo: fc.array(fates, { maxLength: 4 }) });
const sagas = fc.record({
  before: fc.array(stepFates, { minLength: 1, maxLength: 4 }),
  pivot: fc.option(stepFates, { nil: null }),
  after: fc.array(stepFates, { maxLength: 3 }),
  /** The round after which somebody wishes to cancel. */
  cancelAfter: fc.option(fc.nat(6), { nil: null }),
});

/** Things that steps make in a world outside, idempotently, as real steps do. */
class World {
  readonly made = new Set<string>();
  readonly started = new Set<string>();
  readonly wrongUndos: string[] = [];
  readonly #queues = new Map<string, Fate[]>();

  constructor(fatesByStep: ReadonlyMap<string, { readonly run: readonly Fate[]; readonly undo: readonly Fate[] }>) {
    for (const [name, { run, undo }] of fatesByStep) {
      this.#queues.set(`run ${name}`, [...run]);
      this.#queues.set(`undo ${name}`, [...undo]);
    }
  }

  /** An act whose fates are used up works. */
  fate(direction: string, step: string): Fate {
    return this.#queues.get(`${direction} ${step}`)?.[0] ?? 'done';
  }

  next(direction: string, step: string): void {
    this.#queues.get(`${direction} ${step}`)?.shift();
  }
}

class Crash extends Error {}

describe('any saga, whatever breaks', () => {
  it('ends with all done, or all undone, or asks an operator who can always end it', async () => {
    await fc.assert(
      fc.asyncProperty(sagas, async (plan) => {
        const { stage, world, steps, id } = await stageOf(plan);
        let rounds = 0;
        let state: string;
        for (;;) {
          state = await oneRound(stage, world, id);
          if (['succeeded', 'cancelled', 'failed'].includes(state)) break;
          if (plan.cancelAfter === rounds) await stage.catalog.operations.requestCancel(id).catch(() => undefined);
          if (state === 'needs-operator') {
            // The person mends what is broken, and tries again: each round uses up one fate at least.
            await stage.catalog.operations.retry(id).catch(() => undefined);
          }
          rounds += 1;
          expect(rounds).toBeLessThan(200);
        }
        const names = steps.map(({ name }) => name);
        expect([...world.made].sort()).toEqual(state === 'succeeded' ? [...names].sort() : []);
        expect(world.wrongUndos).toEqual([]);
        const pivotIsDone = (await stage.stepStates(id)).includes('pivot done');
        if (state === 'succeeded' && plan.pivot !== null) expect(pivotIsDone).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});

async function oneRound(stage: SagaStage, world: World, id: string): Promise<string> {
  const failpoints = {
    hit: ({ step, direction, moment }: Failpoint) => {
      if (world.fate(direction, step) !== `crash ${moment}`) return Promise.resolve();
      world.next(direction, step);
      return Promise.reject(new Crash());
    },
  };
  const { journal } = stage.catalog;
  let crashed = false;
  // A crash is the end of all writing: nothing of this worker reaches the journal afterwards.
  const mortal = new Proxy(journal, {
    get:
      (target, name: keyof typeof journal) =>
      async (...args: readonly never[]) => {
        if (crashed) throw new Crash();
        return await (target[name] as (...given: readonly never[]) => Promise<unknown>)(...args);
      },
  });
  const record = mortal.recordStep;
  const watched = new Proxy(mortal, {
    get: (target, name: keyof typeof journal) =>
      name !== 'recordStep'
        ? target[name]
        : async (...args: Parameters<typeof record>) => {
            await record(...args);
            if (args[2].kind === 'started') world.started.add(args[1]);
          },
  });
  const hit = async (point: Failpoint) => {
    try {
      await failpoints.hit(point);
    } catch (error) {
      crashed = true;
      throw error;
    }
  };
  await stage.run(id, { failpoints: { hit }, journal: watched, maxAttempts: 2 });
  stage.passTime(100_000);
  return (await stage.catalog.operations.get(id))?.state ?? 'absent';
}

async function stageOf({ before, pivot, after }: typeof sagas extends fc.Arbitrary<infer T> ? T : never) {
  const named = [
    ...before.map((fate, index) => [`before-${String(index)}`, 'before', fate] as const),
    ...(pivot === null ? [] : ([['pivot', 'pivot', pivot]] as const)),
    ...(pivot === null ? [] : after.map((fate, index) => [`after-${String(index)}`, 'after', fate] as const)),
  ];
  const world = new World(new Map(named.map(([name, , fate]) => [name, fate])));
  const stage = new SagaStage();
  const steps = named.map(([name, side]): PlayedStep => ({
    name,
    side,
    run: () => act(world, 'run', name),
    undo: () => act(world, 'undo', name),
    hasHappened: async () => world.made.has(name),
  }));
  return { stage, world, steps, id: await stage.begin(steps) };
}

async function act(world: World, direction: 'run' | 'undo', name: string) {
  if (direction === 'undo' && (!world.started.has(name) || world.made.has('pivot'))) world.wrongUndos.push(name);
  const fate = world.fate(direction, name);
  // Half-done or done: what failed may have left its thing behind all the same.
  if (direction === 'run' && fate !== 'notYet' && name !== 'pivot') world.made.add(name);
  if (fate === 'done' || fate.startsWith('crash')) {
    if (fate === 'done') world.next(direction, name);
    if (direction === 'run') world.made.add(name);
    else world.made.delete(name);
    return { done: {} };
  }
  world.next(direction, name);
  if (fate === 'notYet') return notYet(1_000, 'later');
  throw new PlayedError(fate as 'backoff' | 'wait' | 'never' | 'operator');
}
