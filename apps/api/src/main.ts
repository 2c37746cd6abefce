import 'reflect-metadata';
import { pino } from 'pino';
import { loadConfig } from '@berth/config';
import { asBerthError } from '@berth/domain';
import { SystemModule } from '@berth/system';
import { createLogger } from '@berth/telemetry';
import { startApi } from './start-api.js';

/** Exit code of a process that was given bad input. */
const badInput = 2;

async function main(): Promise<void> {
  const config = loadConfig();
  // Buffered: a line a request must not cost a system call a request. Written at least each second, and at the end.
  const lines = pino.destination({ sync: false, minLength: 4096, periodicFlush: 1000 });
  const log = createLogger({ name: 'api', level: config.BERTH_LOG_LEVEL }, lines);
  const system = SystemModule.forRoot(config, (error) => {
    log.warn({ err: error }, 'the queue has a trouble; operations wait for the sweep of a worker');
  });
  const api = await startApi(system, config, log);
  log.info({ port: api.port, healthPort: api.healthPort }, 'the API is ready');
  lines.flush();
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'the API answers what is under way, then ends');
    api
      .stop()
      .catch((error: unknown) => {
        log.error({ err: error }, 'the API did not stop cleanly');
        process.exitCode = 1;
      })
      .finally(() => {
        lines.flushSync();
        process.exit();
      });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((thrown: unknown) => {
  const error = asBerthError(thrown);
  process.stderr.write(`${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
  process.exit(error.code === 'config-invalid' ? badInput : 1);
});
