import { readFileSync } from 'node:fs';
import path from 'node:path';
import { takingTurns, wrongTurns } from './in-turns.js';
import { exploreSwitch, type Scene } from './switch-model.js';

const none = { worker: 0, source: 0, target: 0 } as const;
const worker = { ...none, worker: 1 };
const inTurns = { plan: takingTurns, inTurns: true } as const;

describe('streams that take turns keep the promises of the switch, and bring back every later write', () => {
  const scenes: Readonly<Record<string, Scene>> = {
    'two writers, nobody is killed': { writers: ['plain', 'async'], kills: none },
    'two writers, the worker killed': { writers: ['plain', 'plain'], kills: worker, tries: 1 },
    'one writer, worker and target killed': { writers: ['plain'], kills: { ...worker, target: 1 } },
    'one writer, worker and source killed': { writers: ['plain'], kills: { ...worker, source: 1 } },
    'one writer, the worker killed twice': { writers: ['plain'], kills: { ...none, worker: 2 } },
  };

  it.each(Object.keys(scenes))('%s', (name) => {
    const { found, ends } = exploreSwitch({ ...inTurns, ...scenes[name]! });
    expect(found).toBeNull();
    expect(ends).toBeGreaterThan(1);
  });
});

describe('each step of a turn is needed', () => {
  const never = 'The move is done, and row w1 never comes to the old place.';
  const carries = 'worker: lets the way back carry';
  const one: Scene = { inTurns: true, writers: ['plain'], kills: none };
  const changes: Readonly<Record<string, Scene & { readonly loses: string; readonly at: string }>> = {
    // The look at what the slot keeps then stops the move: better than to lose, and no end.
    'the way back rests on while the gate opens, and nobody looks': {
      ...{ ...one, plan: wrongTurns.restsOn, loses: never, at: carries },
    },
    'the way back stops after the gate is open': {
      ...{ ...one, plan: wrongTurns.stopsLate, at: 'way back: passes by all that is at the target' },
      loses: 'No end can be reached from here any more.',
    },
    'the way back carries before the other one rests': {
      ...{ ...one, plan: wrongTurns.bothCarry, loses: 'The target has row w1 twice.' },
      at: 'stream: the target applies row w1',
    },
    'the way back begins where it was stopped': {
      ...{ ...one, plan: wrongTurns.beginsWhereStopped, loses: 'The source has row w1 twice.' },
      at: 'way back: the source applies row w1',
    },
    'a try that ended starts the way back without looking for the decision': {
      ...{ ...one, plan: takingTurns, kills: worker, givesBack: 'without looking', loses: never, at: carries },
    },
  };

  it.each(Object.keys(changes))('%s', (name) => {
    const { loses, at, ...scene } = changes[name]!;
    const { found } = exploreSwitch(scene);
    expect(found?.wrong).toBe(loses);
    expect(found?.trace.at(-1)).toBe(at);
  });
});

it('has the order of the code', () => {
  const file = '../../libs/adapters/postgres/src/switch/postgres-tenant-switch.ts';
  const code = readFileSync(path.join(import.meta.dirname, file), 'utf8');
  const called = [...code.matchAll(/(?:await |\.#)(\w+WayBack|tryUntilDecided)\(/g)].map(([, name]) => name);
  expect(called.slice(0, 3)).toEqual(['startWayBack', 'stopWayBack', 'tryUntilDecided']);
  expect(takingTurns.slice(0, 3).map(({ as }) => as)).toEqual(['startWayBack', 'stopWayBack', 'bringSequences']);
});
