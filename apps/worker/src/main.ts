import { loadConfig } from '@berth/config';
import { asBerthError } from '@berth/domain';
import { createLogger } from '@berth/telemetry';
import { startWorker } from './worker.js';

/** Exit code of a process that was given bad input. */
const badInput = 2;

async function main(): Promise<void> {
  const config = loadConfig();
  const log = createLogger({ name: 'worker', level: config.BERTH_LOG_LEVEL });
  const worker = await startWorker(config, log);
  log.info({ healthPort: worker.healthPort }, 'the worker is ready');
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'the worker hands back what it holds');
    worker.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the worker did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((thrown: unknown) => {
  const error = asBerthError(thrown);
  process.stderr.write(`${error.message}\n${error.hint ?? ''}\n`);
  process.exit(error.code === 'config-invalid' ? badInput : 1);
});
