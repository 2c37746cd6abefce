import 'reflect-metadata';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Config } from '@berth/config';
import { OperationDesk } from '@berth/operations';
import type { RunReport } from '@berth/saga';
import { SystemModule } from '@berth/system';
import { breakableRunner, cancelsAt, type Place } from './breakable-runner.js';
import type { CrashOrder } from './crash-worker.js';
import { inTurns } from './in-turns.js';

@Module({})
class CrashModule {}

/**
 * The worker that dies. It takes its orders in one line of stdin, runs all those operations and holds each where its order says; when all are there it ends itself by SIGKILL: no handler, no clean-up, nothing flushed.
 */
export async function crash(config: Config): Promise<void> {
  const app = await NestFactory.createApplicationContext(
    { module: CrashModule, imports: [SystemModule.forRoot(config)] },
    { logger: false, abortOnError: false },
  );
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const stdin = createInterface({ input: process.stdin });
  // Who gave the orders is gone: nobody waits for this process any more.
  stdin.once('close', () => process.exit(1));
  const orders = new Promise<readonly CrashOrder[]>((resolve) => {
    stdin.once('line', (line) => {
      resolve(JSON.parse(line) as readonly CrashOrder[]);
    });
  });
  say('ready');
  await inTurns(await orders, async (order) => {
    const report = await bringThere(app, config.BERTH_LEASE_MS, order);
    const { operationId } = order;
    say(report === 'held' ? `held ${operationId}` : `survived ${JSON.stringify({ operationId, report })}`);
  });
  process.kill(process.pid, 'SIGKILL');
}

/** Resolves when the operation stands at its place, where it stays; or with the report of a run that never came there. */
function bringThere(app: INestApplicationContext, leaseMs: number, order: CrashOrder): Promise<RunReport | 'held'> {
  const { operationId, cancelAfter } = order;
  return new Promise((resolve, reject) => {
    const runner = breakableRunner(app, leaseMs, async (place) => {
      if (cancelsAt(place, cancelAfter)) await app.get(OperationDesk).cancel(operationId);
      if (!isSame(place, order)) return;
      resolve('held');
      await new Promise(() => undefined);
    });
    const untilItEnds = async (): Promise<RunReport> => {
      for (;;) {
        const report = await runner.run(operationId, new AbortController().signal);
        const waitMs = waitOf(report);
        if (waitMs === null) return report;
        await pause(waitMs);
      }
    };
    untilItEnds().then(resolve, reject);
  });
}

function isSame(one: Place, other: Place): boolean {
  return (['direction', 'step', 'point', 'call'] as const).every((name) => one[name] === other[name]);
}

function waitOf(report: RunReport): number | null {
  if (report.kind === 'settled' && report.settlement.state === 'waiting') return report.settlement.retryAfterMs;
  return report.kind === 'not-claimed' && 'retryAfterMs' in report.answer ? report.answer.retryAfterMs : null;
}
