import { hasEnded, type Operation } from '@berth/domain';
import type { OperationRequest } from '@berth/operations';
import { Journal, noFailpoints, type Failpoint, type Failpoints } from '@berth/saga';
import { createSagaRunner } from '@berth/worker';
import type { World } from '../crash/world.js';

/** Does something in the middle of an operation: just before the act of this step. */
export function before(step: string, act: () => Promise<void>): Failpoints {
  return {
    hit: async (point: Failpoint) => {
      if (point.step === step && point.direction === 'run' && point.moment === 'before') await act();
    },
  };
}

/** Runs the operation once, as far as it goes now. */
export async function runOnce(world: World, id: string, failpoints: Failpoints = noFailpoints): Promise<Operation> {
  const observer = { stepEnded: () => undefined, settled: () => undefined };
  const journal = world.app.get(Journal);
  const runner = createSagaRunner({ tools: world.tools, journal, observer, leaseMs: 5_000, failpoints });
  const report = await runner.run(id, new AbortController().signal);
  if (report.kind === 'abandoned') throw new Error('the journal failed', { cause: report.error });
  return await world.operation(id);
}

/** Starts an operation and runs it, with something happening in its middle, until it ends or needs an operator. */
export async function perform(world: World, request: OperationRequest, failpoints: Failpoints): Promise<Operation> {
  const { id } = await world.desk.start(request, 'test');
  for (;;) {
    const operation = await runOnce(world, id, failpoints);
    if (hasEnded(operation.state) || operation.state === 'needs-operator') return operation;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
