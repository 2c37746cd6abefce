import { readFileSync } from 'node:fs';
import path from 'node:path';
import { moveOnline } from '@berth/operations';
import { takingTurns } from './in-turns.js';
import { inOrder, instead, moved, without } from './plan-changes.js';
import { exploreSwitch, type Scene } from './switch-model.js';
import * as steps from './switch-steps.js';
import { theSwitch } from './switch-steps.js';

const none = { worker: 0, source: 0, target: 0 } as const;
const each = { worker: 1, source: 1, target: 1 } as const;
const worker = { ...none, worker: 1 };

describe('the switch keeps its promises, whatever order things happen in', () => {
  const scenes: Readonly<Record<string, Scene>> = {
    'three writers, nobody is killed': { writers: ['plain', 'async', 'snapshot'], kills: none },
    'two writers, worker and source killed': { writers: ['plain', 'async'], kills: { ...each, target: 0 } },
    'two writers, worker and target killed': { writers: ['plain', 'async'], kills: { ...each, source: 0 } },
    'two writers, both servers killed': { writers: ['plain', 'async'], kills: { ...each, worker: 0 }, tries: 1 },
    'an old snapshot, the worker killed': { writers: ['snapshot', 'plain'], kills: worker },
    'one writer, everything killed': { writers: ['snapshot'], kills: each },
    'numbers of a sequence, worker and target killed': {
      writers: ['numbered', 'numbered'],
      kills: { ...each, source: 0 },
    },
    'who makes a table, everything killed': { writers: ['maker'], kills: each },
    'a way back, worker and target killed': {
      plan: [steps.copyRows, steps.startWayBack, ...inOrder],
      writers: ['plain'],
      kills: { ...each, source: 0 },
      oldRow: true,
    },
    'what runs at once, in any order': { plan: theSwitch, writers: ['plain', 'numbered'], kills: worker },
  };

  it.each(Object.keys(scenes))('%s', (name) => {
    const { found, ends } = exploreSwitch(scenes[name]!);
    expect(found).toBeNull();
    expect(ends).toBeGreaterThan(1);
  });
});

const gone = 'The target takes writes, and the acknowledged write of w1 is not there.';
const both = 'Both sides can acknowledge a write at this moment.';
const twice = 'Number 1 was given out twice.';

/** What each step is for: the switch with that step elsewhere, otherwise, or left out, and what is lost by it. */
const changes: Readonly<Record<string, Scene & { readonly loses: string; readonly at: string }>> = {
  'the marker is left out': {
    plan: without(steps.writeMark, steps.awaitMark),
    ...{ writers: ['plain'], kills: none, loses: gone, at: 'worker: opens the gate' },
  },
  'the marker comes before the lock': {
    plan: moved(steps.writeMark, steps.awaitMark).before(steps.lockSource),
    ...{ writers: ['plain'], kills: none, loses: gone, at: 'worker: opens the gate' },
  },
  'the gate opens before it is decided': {
    plan: moved(steps.openGate).before(steps.decide),
    ...{ writers: ['plain'], kills: none, loses: both, at: 'worker: the deadline passes, it rolls back' },
  },
  'the fence comes after the decision': {
    plan: moved(steps.armFence).after(steps.decide),
    ...{ writers: ['plain'], kills: none, loses: gone, at: 'worker: opens the gate' },
  },
  'the fence is a flag that its trigger reads': {
    plan: instead(steps.armFence, steps.raiseFlag),
    ...{ writers: ['snapshot'], kills: none, loses: both, at: 'worker: opens the gate' },
  },
  'sequences are set after the gate is open': {
    plan: moved(steps.setSequences).after(steps.openGate),
    ...{ writers: ['numbered', 'numbered'], kills: none, loses: twice, at: 'w2: commits at the target' },
  },
  'sequences are read before the lock': {
    plan: moved(steps.readSource).before(steps.lockSource),
    ...{ writers: ['numbered', 'numbered'], kills: none, loses: twice, at: 'w2: commits at the target' },
  },
  'nothing is taken to the disk of the target before it is decided': {
    plan: instead(steps.setSequences, steps.setSequencesUnflushed),
    ...{ writers: ['plain'], kills: { ...none, target: 1 }, loses: gone, at: 'worker: opens the gate' },
  },
  'nobody sees after the switch that the gate is open': {
    plan: without(steps.openGateOnDisk),
    ...{
      writers: ['plain'],
      kills: { ...none, target: 1 },
      at: 'kill -9 of the target',
    },
    loses: 'The move is done, and the target refuses writes.',
  },
  'the right to make tables is not taken away': {
    plan: without(steps.takeCreate),
    ...{ writers: ['maker'], kills: none, loses: both, at: 'w1: makes a table at the source' },
  },
  'nobody waits for who makes a table': {
    plan: without(steps.awaitCreators),
    ...{ writers: ['maker'], kills: none, loses: both, at: 'worker: opens the gate' },
  },
  'an earlier worker may still act on the target': {
    // Either of both waits for it and keeps it out.
    plan: without(steps.bringSequences, steps.fenceTarget),
    ...{ writers: ['numbered', 'numbered'], kills: worker, loses: twice, at: 'w2: commits at the target' },
  },
  'who looks for the decision does not wait for T1': {
    looksBehindT1: false,
    ...{ writers: ['plain'], kills: worker, at: 'source: T1 commits: fence, moved' },
    loses: 'The move was taken back, and the source refuses writes.',
  },
  'who gives the right to make tables back does not look for the marker': {
    givesBack: 'without looking',
    ...{ writers: ['maker'], kills: worker, loses: both, at: 'w1: makes a table at the source' },
  },
  'who gives the right to make tables back does not wait for T1': {
    givesBack: 'without waiting',
    ...{ writers: ['maker'], kills: worker, loses: both, at: 'w1: makes a table at the source' },
  },
  'the secret is not written': {
    plan: without(steps.switchSecret),
    ...{ writers: ['plain'], kills: none, at: 'worker: takes numbers at the target up to those of the source' },
    loses: 'The move is done, and the secret names the old place.',
  },
  'the source stays open': {
    plan: without(steps.closeSource),
    ...{ writers: ['plain'], kills: none, at: 'worker: takes numbers at the target up to those of the source' },
    loses: 'The move is done, and the old place can still be read.',
  },
  'the slot of the way back is made before the copy': {
    plan: [steps.startWayBack, steps.copyRows, ...inOrder],
    ...{ writers: ['plain'], kills: none, oldRow: true, at: 'way back: the source applies row old' },
    loses: 'The source has row old twice.',
  },
};

describe('each step is needed', () => {
  it.each(Object.keys(changes))('%s', (name) => {
    const { loses, at, ...scene } = changes[name]!;
    const { found } = exploreSwitch({ plan: inOrder, ...scene });
    tell(name, found?.trace);
    expect(found?.wrong).toBe(loses);
    expect(found?.trace.at(-1)).toBe(at);
  });

  it('tells how it came to a loss, in the fewest lines', () => {
    const { found } = exploreSwitch({ ...changes['the marker comes before the lock']! });
    expect(found?.trace).toEqual([
      'worker: tries',
      'worker: sets the sequence to where it stands',
      'worker: takes the right to make tables away',
      'worker: has waited for whoever makes a table',
      'worker: commits the marker',
      'stream: the target applies mark 1',
      'worker: sees the marker at the target',
      'w1: writes at the source',
      'w1: commits at the source',
      "worker: locks the tenant's tables",
      'worker: arms the fence',
      'worker: reads where the sequence stands',
      'worker: keeps earlier workers off the target',
      'worker: sets the sequence, and all is on the disk',
      'worker: sends the COMMIT that decides',
      'source: T1 commits: fence, moved',
      'worker: hears that it is decided',
      'worker: opens the gate',
    ]);
  });
});

// No lock and no fence stops nextval: between the reading of the sequences and the end of the logins at the old place somebody
// may take a number there, in a statement of its own, and another one the same at the new place.
describe('a number that is taken for itself, and not by a write', () => {
  const takers: Scene = { writers: ['taker', 'numbered', 'taker'], kills: none };

  it('can be given out twice by the switch as it is', () => {
    const { found } = exploreSwitch({ plan: inOrder, ...takers });
    tell('a number that is taken for itself', found?.trace);
    expect(found?.wrong).toBe(twice);
  });

  it('would not be if the target began a few numbers later', () => {
    const ahead = instead(steps.setSequences, steps.setSequencesAhead(2));
    expect(exploreSwitch({ ...takers, plan: ahead }).found).toBeNull();
  });
});

describe('the model and the code', () => {
  const named = [...new Set(inOrder.map(({ as }) => as))];

  it('have the same steps up to the open gate, in the same order', () => {
    const file = '../../libs/adapters/postgres/src/switch/switch-attempt.ts';
    const code = readFileSync(path.join(import.meta.dirname, file), 'utf8');
    const run = /async run\(\): Promise<void> \{(?<body>.*?)\n {2}\}/s.exec(code)?.groups?.['body'] ?? '';
    const methods = [...run.matchAll(/this\.#(\w+)\(\)/g)].map(([, name]) => name);
    expect(named.slice(0, methods.length)).toEqual(methods);
    expect(methods).toContain('openGate');
  });

  it('have the same steps after the decision, but for those that nobody writes or waits by', () => {
    const leftOut = [
      'route-tenant',
      'end-announcement',
      'remove-gate',
      'refresh-views',
      'verify-after',
      'record-plan',
      'discard-dump',
    ];
    const after = moveOnline.steps.filter(({ side }) => side === 'after').map(({ name }) => name);
    const turning = [...new Set(takingTurns.map(({ as }) => as))];
    expect(turning.slice(turning.indexOf('openGate') + 1)).toEqual(after.filter((name) => !leftOut.includes(name)));
  });
});

/** BERTH_MODEL=traces prints the way to each loss. */
function tell(title: string, trace: readonly string[] = []): void {
  if (process.env['BERTH_MODEL'] !== 'traces') return;
  process.stdout.write(
    `\n${title}\n${trace.map((line, index) => `${String(index + 1).padStart(4)}  ${line}\n`).join('')}`,
  );
}
