import type { RunObserver } from '@berth/saga';
import type { Logger } from 'pino';
import { Counter, Histogram, type Registry } from 'prom-client';

/** Tells logs and metrics what happens to operations. */
export function runLog(log: Logger, metrics: Registry): RunObserver {
  const seconds = new Histogram({
    name: 'berth_operation_step_seconds',
    help: 'Duration of the steps of operations.',
    labelNames: ['saga', 'step', 'direction', 'outcome'],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 1800],
    registers: [metrics],
  });
  const settled = new Counter({
    name: 'berth_operations_settled_total',
    help: 'Operations that a worker gave back, by the state that it left them in.',
    labelNames: ['saga', 'state'],
    registers: [metrics],
  });
  return {
    stepEnded({ operationId, saga, step, direction, outcome, ms, error }) {
      seconds.observe({ saga, step, direction, outcome }, ms / 1000);
      const fields = { operationId, saga, step, direction, outcome, ms: Math.round(ms) };
      if (outcome === 'failed') log.warn({ ...fields, err: error }, 'a step failed');
      else log.info(fields, 'a step ended');
    },
    settled({ operationId, saga, settlement }) {
      settled.inc({ saga, state: settlement.state });
      const because = 'because' in settlement ? settlement.because : undefined;
      log.info({ operationId, saga, state: settlement.state, because }, 'an operation was given back');
    },
  };
}
