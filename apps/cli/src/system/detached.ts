import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import path from 'node:path';
import type { CliEnvironment } from '@berth/config';
import { CommandFault, exitCodes, type ExitCode } from '../exit-codes.js';
import type { Home } from './home.js';
import { logFile, openLog, rotateLog } from './logs.js';
import { projectFolder } from './programs.js';
import type { SystemEvent, Tell } from './progress.js';
import { settleHome } from './settle-home.js';

/** What the supervisor in the background sends to the command that started it. */
export type SupervisorMessage =
  | { readonly kind: 'event'; readonly event: SystemEvent }
  | { readonly kind: 'ready' }
  | { readonly kind: 'held'; readonly pid: number }
  | { readonly kind: 'fault'; readonly message: string; readonly hint?: string; readonly exitCode: ExitCode };

/** The hidden argument that makes `berth up` the supervisor in the background. */
export const supervisorFlag = '--supervisor';

export interface DetachOptions {
  readonly environment: CliEnvironment;
  readonly migrationsDir: string | undefined;
  readonly tell: Tell;
}

/** Starts the supervisor in the background and comes back when the system is ready. Ctrl-C meanwhile stops it again. */
export async function startDetached(named: Home, options: DetachOptions): Promise<'ready' | 'held'> {
  const { environment } = options;
  const { home } = await settleHome(named, environment, options.migrationsDir);
  await rotateLog(home, 'supervisor');
  const log = openLog(home, 'supervisor');
  const entry = path.join(projectFolder, 'apps/cli/dist/main.js');
  const child = spawn(process.execPath, [entry, 'up', supervisorFlag, '--home', home.folder], {
    cwd: '/',
    env: { ...environment.all },
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    child.kill('SIGINT');
  };
  process.on('SIGINT', interrupt);
  try {
    return await new Promise((resolve, reject) => {
      child.on('message', (message: SupervisorMessage) => {
        if (message.kind === 'event') options.tell(message.event);
        else if (message.kind === 'ready') resolve('ready');
        else if (message.kind === 'held') resolve('held');
        else reject(new CommandFault(message.exitCode, message.message, message.hint));
      });
      child.once('error', reject);
      child.once('exit', (code) => {
        const fault = interrupted
          ? new CommandFault(exitCodes.interrupted, 'Interrupted: the system was stopped again.')
          : new CommandFault(
              exitCodes.unhealthy,
              `The supervisor ended (exit code ${String(code)}).`,
              `See ${logFile(home, 'supervisor')}`,
            );
        reject(fault);
      });
    });
  } finally {
    process.off('SIGINT', interrupt);
    child.removeAllListeners();
    if (child.connected) child.disconnect();
    child.unref();
  }
}
