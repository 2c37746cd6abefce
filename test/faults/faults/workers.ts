import { secretRefs } from '@berth/domain';
import type { WorkerProcess } from '@berth/testing';
import type { FaultWorld } from '../fault-world.js';
import { likeAnother, type Fault } from '../fault.js';
import type { TenOperations } from '../ten-operations.js';
import { saysSince } from '../worker-words.js';

/** All that a worker could change which comes too late. */
async function factsOf({ world }: FaultWorld, { mover, moveId }: TenOperations): Promise<object> {
  const { steps, state } = await world.operation(moveId);
  const secret = await world.tools.secrets.read(secretRefs.tenantDb(mover));
  // The lag of the kept stream is measured by any worker, round by round.
  const move = { ...(await world.tools.moves.get(moveId)), lag: null };
  return { steps, state, secret: secret?.version, places: await world.tools.placements.history(mover), move };
}

function stopped(moment: Fault['moment']): Fault {
  let worker: WorkerProcess | null = null;
  return {
    name: 'a worker is stopped until its lease is another’s, and wakes',
    moment,
    async strike(system, { moveId }) {
      // At once, and only then asked who it is: the switch has a second.
      for (const { child } of system.workers) child.kill('SIGSTOP');
      worker = await system.workerOf(moveId);
      for (const other of system.workers) if (other !== worker) other.child.kill('SIGCONT');
    },
    async mend(system, ten) {
      try {
        expect(await system.here.ended(ten.moveId)).toMatchObject({ state: 'succeeded' });
        const before = await factsOf(system, ten);
        const offset = worker?.output.length ?? 0;
        worker?.child.kill('SIGCONT');
        await saysSince(worker!, offset, new RegExp(`${ten.moveId}.*another worker has taken over this operation`));
        expect(await factsOf(system, ten)).toEqual(before);
      } finally {
        worker?.child.kill('SIGCONT');
      }
    },
  };
}

/** As if somebody had set the clock of the machine of one worker: monotonic time goes on as it did. */
function clock(hours: number): Fault {
  const code = `
    const Real = Date; let shift = 0;
    globalThis.Date = class extends Real {
      constructor(...given) { if (given.length === 0) super(Real.now() + shift); else super(...given); }
      static now() { return Real.now() + shift; }
    };
    process.on('SIGUSR2', () => { shift = ${String(hours * 3_600_000)}; });`;
  return {
    name: `the clock of one worker is set ${hours > 0 ? 'an hour ahead' : 'back by an hour'}`,
    moment: 'just before the pivot',
    environment: () => ({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` }),
    strike: async (system, { moveId }) => void (await system.workerOf(moveId)).child.kill('SIGUSR2'),
  };
}

export const ofWorkers: readonly Fault[] = [
  likeAnother(stopped('just before the pivot')),
  stopped('just after the pivot'),
  clock(1),
  likeAnother(clock(-1)),
];
