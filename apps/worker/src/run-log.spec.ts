import { Writable } from 'node:stream';
import { createLogger } from '@berth/telemetry';
import { Registry } from 'prom-client';
import { runLog } from './run-log.js';

describe('the log of a run', () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _, next) {
      lines.push(chunk.toString());
      next();
    },
  });
  const metrics = new Registry();
  const observer = runLog(createLogger({ name: 'worker', level: 'info' }, sink), metrics);
  const run = { operationId: 'op-1', input: { tenantId: 'acme' }, saga: 'move-by-dump' };

  it('names operation, tenant and step', () => {
    observer.stepEnded({ ...run, step: 'arm-fence', direction: 'run', outcome: 'done', ms: 12.4 });
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      operationId: 'op-1',
      tenantId: 'acme',
      step: 'arm-fence',
      ms: 12,
    });
  });

  it('counts what was given back, and measures how long writers were held', async () => {
    observer.settled({ ...run, settlement: { state: 'succeeded', result: { writePauseMs: 700 } } });
    observer.settled({ ...run, settlement: { state: 'waiting', retryAfterMs: 500, because: 'no route', error: null } });
    const text = await metrics.metrics();
    expect(text).toContain('berth_move_write_pause_seconds_sum 0.7');
    expect(text).toContain('berth_move_write_pause_seconds_count 1');
    expect(text).toContain('berth_operations_settled_total{saga="move-by-dump",state="waiting"} 1');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ tenantId: 'acme', state: 'waiting', because: 'no route' });
  });
});
