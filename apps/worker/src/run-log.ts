import type { RunObserver, Settlement } from '@berth/saga';
import type { Logger } from 'pino';
import { Counter, Histogram, type Registry } from 'prom-client';

/** Tells logs and metrics what happens to operations. */
export function runLog(log: Logger, metrics: Registry): RunObserver {
  const { stepSeconds, settledTotal, writePauseSeconds } = metersOf(metrics);
  return {
    stepEnded({ operationId, input, saga, step, direction, outcome, ms, error }) {
      stepSeconds.observe({ saga, step, direction, outcome }, ms / 1000);
      const fields = { operationId, tenantId: tenantOf(input), saga, step, direction, outcome, ms: Math.round(ms) };
      if (outcome === 'failed') log.warn({ ...fields, err: error }, 'a step failed');
      else log.info(fields, 'a step ended');
    },
    settled({ operationId, input, saga, settlement }) {
      const { state } = settlement;
      settledTotal.inc({ saga, state });
      const pauseMs = writePauseOf(settlement);
      if (pauseMs !== null) writePauseSeconds.observe(pauseMs / 1000);
      const because = 'because' in settlement ? settlement.because : undefined;
      log.info({ operationId, tenantId: tenantOf(input), saga, state, because }, 'an operation was given back');
    },
  };
}

function metersOf(metrics: Registry) {
  const registers = [metrics];
  return {
    stepSeconds: new Histogram({
      name: 'berth_operation_step_seconds',
      help: 'Duration of the steps of operations.',
      labelNames: ['saga', 'step', 'direction', 'outcome'],
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 1800],
      registers,
    }),
    settledTotal: new Counter({
      name: 'berth_operations_settled_total',
      help: 'Operations that a worker gave back, by the state that it left them in.',
      labelNames: ['saga', 'state'],
      registers,
    }),
    writePauseSeconds: new Histogram({
      name: 'berth_move_write_pause_seconds',
      help: 'How long the writers of a moved tenant were refused or held.',
      buckets: [0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600, 3600],
      registers,
    }),
  };
}

/** The engine knows no tenant; the inputs of all our sagas name theirs. */
function tenantOf(input: unknown): unknown {
  return typeof input === 'object' && input !== null && 'tenantId' in input ? input.tenantId : undefined;
}

function writePauseOf(settlement: Settlement): number | null {
  if (settlement.state !== 'succeeded' || !('writePauseMs' in settlement.result)) return null;
  const { writePauseMs } = settlement.result;
  return typeof writePauseMs === 'number' ? writePauseMs : null;
}
