import type { CliEnvironment } from '@berth/config';
import type { ProcessIdentity } from '@berth/local-postgres';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import type { Home } from './home.js';
import { LocalSystem } from './local-system.js';
import type { Tell } from './progress.js';
import { settleHome } from './settle-home.js';
import { releaseSupervision, takeSupervision } from './supervisor-lock.js';

export interface SupervisorOptions {
  readonly environment: CliEnvironment;
  /** Undefined: as before. */
  readonly migrationsDir: string | undefined;
  /** When the user typed the command, by performance.now() of this process. */
  readonly startedAt: number;
  readonly tell: Tell;
  readonly ready: () => Promise<void>;
}

export type Supervised =
  { readonly kind: 'ended'; readonly exitCode: ExitCode } | { readonly kind: 'held'; readonly by: ProcessIdentity };

/** Starts the system, keeps it going until a signal, stops it. */
export async function supervise(named: Home, options: SupervisorOptions): Promise<Supervised> {
  const { environment, tell } = options;
  const { home, record } = await settleHome(named, environment, options.migrationsDir);
  const { heldBy } = await takeSupervision(home);
  if (heldBy !== undefined) return { kind: 'held', by: heldBy };
  const system = new LocalSystem(home, record, environment, tell);
  const stop = new StopRequest(system, tell);
  try {
    try {
      await system.start(stop.signal, options.startedAt);
    } catch (error) {
      // After a fault only the fault is worth reading.
      await (stop.signal.aborted ? system.stop() : system.stop(() => undefined));
      if (stop.signal.aborted) return { kind: 'ended', exitCode: exitCodes.interrupted };
      throw error;
    }
    await options.ready();
    await stop.asked;
    await system.stop();
    return { kind: 'ended', exitCode: exitCodes.ok };
  } finally {
    stop.end();
    await releaseSupervision(home);
  }
}

/** Ctrl-C and SIGTERM: the first asks, the second is told to be patient, the third kills. */
class StopRequest {
  private readonly controller = new AbortController();
  readonly signal = this.controller.signal;
  readonly asked = new Promise<void>((resolve) => {
    this.controller.signal.addEventListener('abort', () => {
      resolve();
    });
  });
  private times = 0;
  private readonly heard = (): void => {
    this.times += 1;
    if (this.times === 1) {
      this.tell({ kind: 'note', text: 'stopping …' });
      this.controller.abort();
    } else if (this.times === 2) {
      this.tell({
        kind: 'note',
        text: 'still stopping cleanly; once more kills everything (nothing is lost, the next start recovers)',
      });
    } else void this.system.kill().finally(() => process.exit(exitCodes.interrupted));
  };

  constructor(
    private readonly system: LocalSystem,
    private readonly tell: Tell,
  ) {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, this.heard);
  }

  end(): void {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, this.heard);
  }
}
