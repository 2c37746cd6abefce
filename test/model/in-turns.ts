import { changesOf, inOrder } from './plan-changes.js';
import { openGate, type Step } from './switch-steps.js';
import type { StreamIs, Turns, World } from './world.js';

// What a switch does besides where the servers cannot tell apart what came by a stream.

const always = (): boolean => true;

const turn = (world: World, change: Partial<Turns>): World =>
  world.turns === null ? world : { ...world, turns: { ...world.turns, ...change } };

const backIs = ({ turns }: World, ...states: readonly StreamIs[]): boolean =>
  turns !== null && states.includes(turns.back);

/** One that a worker which is gone had stopped. */
export const restWayBack: Step = {
  name: 'lets the way back rest',
  as: 'startWayBack',
  at: 'source',
  can: always,
  does: (world) => turn(world, { back: 'rests' }),
};

export const stopWayBack: Step = {
  name: 'stops the way back',
  as: 'stopWayBack',
  at: 'source',
  can: always,
  does: (world) => turn(world, { back: 'stopped' }),
};

export const stopForward: Step = {
  name: 'lets the stream that led here rest',
  as: 'turn-streams',
  at: 'target',
  can: ({ source }) => source.up,
  does: (world) => turn(world, { forward: 'rests' }),
};

const openedAt = ({ target }: World): number => target.log.indexOf('open');

/** Where the slot no longer keeps what came after the gate opened, it stops for the operator. */
export const beginAtOpening: Step = {
  name: 'has the way back begin where the gate was opened',
  as: 'turn-streams',
  at: 'source',
  can: (world) => world.target.up && (!backIs(world, 'stopped') || (world.wayBackFrom ?? 0) <= openedAt(world)),
  does: (world) => (backIs(world, 'carries') ? world : { ...world, wayBackFrom: openedAt(world) }),
};

export const carryBack: Step = {
  name: 'lets the way back carry',
  as: 'turn-streams',
  at: 'source',
  can: always,
  does: (world) => turn(world, { back: 'carries' }),
};

const turning = [stopForward, beginAtOpening, carryBack];

/** The switch where streams take turns. */
export const takingTurns: readonly Step[] = [restWayBack, stopWayBack, ...inOrder, ...turning];

// As it must not be.

export const beginWithoutLooking: Step = { ...beginAtOpening, can: always };

/** At what the slot has confirmed: what came by the other stream since then comes back. */
export const beginWhereStopped: Step = { ...beginAtOpening, does: (world) => world };

const { without, instead, moved } = changesOf(takingTurns);

export const wrongTurns = {
  restsOn: changesOf(without(stopWayBack)).instead(beginAtOpening, beginWithoutLooking),
  stopsLate: moved(stopWayBack).after(openGate),
  bothCarry: moved(stopForward).after(carryBack),
  beginsWhereStopped: instead(beginAtOpening, beginWhereStopped),
} as const;
