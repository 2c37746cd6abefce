// A worker whose operations do nothing, in a process of its own: the processor, runner, catalog and queue of a real one, without
// the sweep, which would bring what the queue is to bring. Settings come by the environment.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { loadConfig } from '@berth/config';
import { JobQueue } from '@berth/ports';
import { exponentialBackoff, Journal, noFailpoints, SagaRunner, type Saga } from '@berth/saga';
import { SystemModule } from '@berth/system';
import { classifyError, OperationsProcessor } from '@berth/worker';
import { pino } from 'pino';
import { noOp } from './no-op.saga.js';

@Module({})
class WorkerModule {}

const config = loadConfig();
const app = await NestFactory.createApplicationContext(
  {
    module: WorkerModule,
    imports: [SystemModule.forRoot(config, (error) => process.stderr.write(`${error.message}\n`))],
  },
  { logger: false, abortOnError: false },
);
const runner = new SagaRunner<object>({
  sagas: new Map<string, Saga<never, object>>([[noOp.name, noOp]]),
  tools: {},
  journal: app.get(Journal),
  observer: { stepEnded: () => undefined, settled: () => undefined },
  classify: classifyError,
  owner: `bench:${String(process.pid)}`,
  leaseMs: config.BERTH_LEASE_MS,
  failpoints: noFailpoints,
  maxAttempts: 1,
  backoffMs: exponentialBackoff,
});
const processor = new OperationsProcessor(app.get(JobQueue), runner, pino(pino.destination(2)));
await processor.start(config.BERTH_WORKER_CONCURRENCY);
process.stdout.write('ready\n');
process.on('SIGTERM', () => void processor.stop().then(() => process.exit(0)));
