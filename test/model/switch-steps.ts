import {
  type Change,
  commit,
  endSessions,
  has,
  lastMark,
  lastNumber,
  mayMakeTables,
  type Side,
  somebodyMakesATable,
  somebodyWrites,
  type World,
} from './world.js';

/** Something that the worker does in one go: nothing else happens in the middle of it. */
export interface Step {
  readonly name: string;
  /** The method of `SwitchAttempt`, or the step of the saga, that does this. */
  readonly as: string;
  readonly at: Side | 'beside';
  /** Whether it can be done now; until then the worker waits. */
  readonly can: (world: World) => boolean;
  /** It finds that the move cannot go on: the try ends, and the move is taken back. */
  readonly refuses?: (world: World) => boolean;
  readonly does: (world: World) => World;
}

/** Steps one after another; those in a list of their own run at once. */
export type Plan = readonly (Step | readonly Step[])[];

const always = (): boolean => true;

export const takeCreate: Step = {
  name: 'takes the right to make tables away',
  as: 'stopCreators',
  at: 'source',
  can: ({ t1 }) => t1 === null,
  does: (world) => (mayMakeTables(world.source) ? commit(world, 'source', ['revoke']) : world),
};

export const awaitCreators: Step = {
  name: 'has waited for whoever makes a table',
  as: 'stopCreators',
  at: 'source',
  can: (world) => !somebodyMakesATable(world),
  does: (world) => world,
};

export const lockSource: Step = {
  name: "locks the tenant's tables",
  as: 'lockSource',
  at: 'source',
  can: (world) => world.t1 === null && !somebodyWrites(world),
  does: (world) => ({ ...world, t1: { changes: [], committing: false, orphan: false } }),
};

/** Inside T1, and of no effect before it commits; without T1 a transaction of its own. */
const inT1 = (world: World, change: Change): World =>
  world.t1 === null
    ? commit(world, 'source', [change])
    : { ...world, t1: { ...world.t1, changes: [...world.t1.changes, change] } };

export const armFence: Step = {
  name: 'arms the fence',
  as: 'armFence',
  at: 'source',
  can: (world) => world.t1 !== null || !somebodyWrites(world),
  does: (world) => inT1(world, 'fence'),
};

export const writeMark: Step = {
  name: 'commits the marker',
  as: 'awaitEverything',
  at: 'source',
  can: always,
  does: (world) => commit(world, 'source', [`mark ${lastMark(world.source) + 1}`]),
};

export const awaitMark: Step = {
  name: 'sees the marker at the target',
  as: 'awaitEverything',
  at: 'target',
  can: ({ source, target }) => has(target, `< mark ${lastMark(source)}`),
  does: (world) => world,
};

export const readSource: Step = {
  name: 'reads where the sequence stands',
  as: 'readSource',
  at: 'source',
  can: always,
  // Of a table that was made since the copy nothing is at the target.
  refuses: ({ source }) => source.log.some((change) => change.startsWith('table ')),
  does: (world) => ({ ...world, worker: { ...world.worker, read: lastNumber(world.source) } }),
};

/** Waits for what an earlier worker has sent, and keeps it out from then on. */
export const fenceTarget: Step = {
  name: 'keeps earlier workers off the target',
  as: 'fenceTarget',
  at: 'target',
  can: ({ late }) => late === null,
  does: (world) => world,
};

const setTo = (world: World): number => world.worker.read ?? lastNumber(world.source);

export const bringSequences: Step = {
  name: 'sets the sequence to where it stands',
  as: 'bringSequences',
  at: 'target',
  can: ({ late }) => late === null,
  does: (world) => commit(world, 'target', [`set ${lastNumber(world.source)}`]),
};

export const setSequences: Step = {
  name: 'sets the sequence, and all is on the disk',
  as: 'setSequences',
  at: 'target',
  can: always,
  does: (world) => commit(world, 'target', [`set ${setTo(world)}`]),
};

export const decide: Step = {
  name: 'sends the COMMIT that decides',
  as: 'decide',
  at: 'source',
  can: ({ t1 }) => t1 !== null,
  does: (world) => {
    const { t1, ...rest } = inT1(world, 'moved');
    return { ...rest, t1: t1 === null ? null : { ...t1, committing: true } };
  },
};

export const openGate: Step = {
  name: 'opens the gate',
  as: 'openGate',
  at: 'target',
  can: ({ late }) => late === null,
  does: (world) => (has(world.target, 'open') ? world : commit(world, 'target', ['open'], { flush: false })),
};

/** A crash of the target may have taken the opening back. */
export const openGateOnDisk: Step = {
  name: 'sees that the gate is open, on the disk',
  as: 'open-gate',
  at: 'target',
  can: ({ late }) => late === null,
  does: (world) => commit(world, 'target', has(world.target, 'open') ? [] : ['open']),
};

export const switchPlacement: Step = {
  name: 'makes the new placement current',
  as: 'switch-placement',
  at: 'beside',
  can: always,
  does: (world) => ({ ...world, placement: 'target' }),
};

export const switchSecret: Step = {
  name: 'writes the secret',
  as: 'switch-secret',
  at: 'beside',
  can: always,
  does: (world) => ({ ...world, secret: 'target' }),
};

export const closeSource: Step = {
  name: 'closes the source and ends its sessions',
  as: 'close-source',
  at: 'source',
  can: always,
  does: (world) => endSessions({ ...world, loginsAt: { ...world.loginsAt, source: false } }, 'source'),
};

/** By taking numbers, never by setting: others take some at the same time. */
export const carrySequences: Step = {
  name: 'takes numbers at the target up to those of the source',
  as: 'carry-sequences',
  at: 'target',
  can: ({ source }) => source.up,
  does: (world) => {
    const [wanted, found] = [lastNumber(world.source), lastNumber(world.target)];
    return wanted > found ? commit(world, 'target', [`took ${wanted}`]) : world;
  },
};

/** The switch as it is: `SwitchAttempt.run`, then the steps of `move-online` that follow the point of no return. */
export const theSwitch: Plan = [
  bringSequences, //                                        0
  takeCreate,
  awaitCreators,
  lockSource, //                                            1 writers wait from here on
  [armFence, writeMark, readSource, fenceTarget], //        2
  awaitMark,
  setSequences, //                                          3
  decide, //                                                4 from here on only forward
  openGate, //                                              5
  openGateOnDisk,
  switchPlacement,
  switchSecret,
  closeSource, //                                           6
  carrySequences,
];

// What comes before a switch, for the tests of the way back.

export const copyRows: Step = {
  name: 'copies the rows of one moment',
  as: 'copy-rows',
  at: 'target',
  can: always,
  does: (world) => (has(world.target, 'row old') ? world : commit(world, 'target', ['row old'])),
};

export const startWayBack: Step = {
  name: 'makes the slot of the way back',
  as: 'start-way-back',
  at: 'target',
  can: always,
  does: (world) => ({ ...world, wayBackFrom: world.wayBackFrom ?? world.target.log.length }),
};

// Steps as they must not be, for the tests that show what each one is for.

export const setSequencesUnflushed: Step = {
  ...setSequences,
  name: 'sets the sequence, without waiting for the disk',
  does: (world) => commit(world, 'target', [`set ${setTo(world)}`], { flush: false }),
};

/** The fence's trigger stands from the beginning, and refuses when its own snapshot shows the flag. */
export const raiseFlag: Step = { ...armFence, name: 'raises the flag', does: (world) => inT1(world, 'flag') };

/** Far enough ahead that no number which is taken behind the lock is given out again. */
export const setSequencesAhead = (by: number): Step => ({
  ...setSequences,
  name: `sets the sequence ${by} ahead`,
  does: (world) => commit(world, 'target', [`set ${setTo(world) + by}`]),
});
