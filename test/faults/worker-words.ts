import { eventually } from '../e2e/worker-world.js';
import type { WorkerProcess } from '@berth/testing';
import type { FaultWorld } from './fault-world.js';

/** What a worker says when it may not, or cannot, go on with an operation. */
const letsGo = /another worker has taken over this operation|the catalog failed in the middle of the operation/;

/** When a worker has given up what it held, as it has not heard from the catalog for too long. The other one may hold nothing. */
export async function workersLetGo({ workers, saidBefore }: FaultWorld): Promise<void> {
  const said = (worker: WorkerProcess) => letsGo.test(worker.output.slice(saidBefore.get(worker) ?? 0));
  await eventually(async () => (workers.some(said) ? true : null));
}

export async function saysSince(worker: WorkerProcess, offset: number, words: RegExp): Promise<void> {
  await eventually(async () => (words.test(worker.output.slice(offset)) ? true : null));
}
