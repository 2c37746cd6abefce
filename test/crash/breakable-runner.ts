import type { INestApplicationContext } from '@nestjs/common';
import type { Tools } from '@berth/operations';
import { Journal, type Failpoint, type SagaRunner } from '@berth/saga';
import { type FencedTools, FencedToolsToken, ToolsToken } from '@berth/system';
import { createSagaRunner } from '@berth/worker';

/** Where a worker may die, seen from the act of a step: `inside` is after a call of a port, and before the step hears of it. */
export type Point = 'before' | 'inside' | 'after' | 'journaled';

export interface Place {
  readonly direction: Failpoint['direction'];
  readonly step: string;
  readonly point: Point;
  /** `inside`: after this call of a port, 1 for the first; else 1. */
  readonly call: number;
}

/** When its act is done, and the journal does not know yet. */
export function cancelsAt({ direction, step, point }: Place, cancelAfter: string | null): boolean {
  return direction === 'run' && point === 'after' && step === cancelAfter;
}

/** The runner of a worker that passes through all places of an operation, forward and back: `reach` may stop it at any. */
export function breakableRunner(
  app: INestApplicationContext,
  leaseMs: number,
  reach: (place: Place) => Promise<void>,
): SagaRunner<Tools> {
  let acting: Pick<Place, 'direction' | 'step'> | null = null;
  let calls = 0;
  const hit = async ({ step, direction, moment }: Failpoint) => {
    acting = moment === 'before' ? { direction, step } : null;
    calls = 0;
    await reach({ direction, step, point: moment, call: 1 });
  };
  const afterCall = async () => {
    calls += 1;
    if (acting !== null) await reach({ ...acting, point: 'inside', call: calls });
  };
  const fenced = app.get<FencedTools>(FencedToolsToken);
  return createSagaRunner({
    tools: followed(app.get<Tools>(ToolsToken), afterCall),
    fenced: (lease) => followed(fenced(lease), afterCall),
    journal: app.get(Journal),
    observer: { stepEnded: () => undefined, settled: () => undefined },
    leaseMs,
    failpoints: { hit },
  });
}

/** The same ports; each call is followed by `afterCall` when it has done what it does. */
function followed<T extends object>(tools: T, afterCall: () => Promise<void>): T {
  const ports = Object.entries(tools as Readonly<Record<string, object>>);
  return Object.fromEntries(ports.map(([name, port]) => [name, followedPort(port, afterCall)])) as T;
}

function followedPort(port: object, afterCall: () => Promise<void>): object {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function') return method;
      return async (...given: readonly unknown[]) => {
        const answer: unknown = await Reflect.apply(method, target, given);
        await afterCall();
        return answer;
      };
    },
  });
}
