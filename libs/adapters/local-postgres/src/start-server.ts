import { setTimeout as pause } from 'node:timers/promises';
import { writeDataFile } from './data-folder.js';
import { chooseFreePort, isPortFreeSoon } from './free-port.js';
import { launch, launchError } from './launch.js';
import type { LaunchResult } from './launch.js';
import { endOrphans } from './orphans.js';
import { disarmStalePidFile, runningPostmaster, waitUntil } from './postmaster.js';
import type { RunAs } from './run-as.js';
import { ensureSocketFolder, writeRecord } from './server-files.js';
import type { ServerFiles, ServerRecord } from './server-files.js';
import { settingsFile, settingsText } from './server-settings.js';

export const loopback = '127.0.0.1';

export interface Started {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  readonly alreadyRunning: boolean;
  /** Set when the remembered port was taken by somebody else and another one was chosen and remembered. */
  readonly portBefore?: number;
}

export interface ServerToStart {
  readonly files: ServerFiles;
  readonly runAs: RunAs;
  readonly record: ServerRecord;
  readonly bin: string;
  readonly deadlineMs: number;
}

/** Starts a server that was created; tries again for as long as what is in its way can be expected to go. */
export async function startServer(input: ServerToStart): Promise<Started> {
  const { files, runAs, record, deadlineMs } = input;
  const end = performance.now() + deadlineMs;
  let port = record.port;
  for (;;) {
    const already = await awaitRunning(files, end - performance.now());
    if (already !== undefined) return remember(input, { ...already, alreadyRunning: true });
    if (!(await isPortFreeSoon(port))) port = await chooseFreePort();
    const result = await attempt(input, port, Math.max(0, end - performance.now()));
    if (result.up) return remember(input, { port, pid: result.postmaster.pid, alreadyRunning: false });
    if (result.why === 'other' || result.why === 'deadline' || performance.now() >= end) {
      throw launchError(files, result.why, result.log, deadlineMs);
    }
    if (result.why === 'orphans') await endOrphans(files, runAs);
    await pause(50);
  }
}

/** The server of this folder, if one runs or is starting already; waits for the latter. */
async function awaitRunning(
  files: ServerFiles,
  deadlineMs: number,
): Promise<{ readonly port: number; readonly pid: number } | undefined> {
  let running = await runningPostmaster(files);
  if (running === undefined) return undefined;
  await waitUntil(async () => (running = await runningPostmaster(files))?.ready !== false, deadlineMs);
  return running?.ready === true ? { port: running.port, pid: running.pid } : undefined;
}

async function attempt(input: ServerToStart, port: number, deadlineMs: number): Promise<LaunchResult> {
  const { files, runAs, record, bin } = input;
  await ensureSocketFolder(files, runAs);
  const settings = settingsText({ ...record, port, socket: files.socket });
  await writeDataFile(files, settingsFile, settings, runAs);
  await disarmStalePidFile(files, runAs);
  return launch({ files, bin, runAs, deadlineMs });
}

/**
 * Another port is remembered only now that the server listens there: it may have been a rival's start of this very server that
 * had taken the old one.
 */
async function remember({ files, record, runAs }: ServerToStart, started: Omit<Started, 'host'>): Promise<Started> {
  if (started.port === record.port) return { host: loopback, ...started };
  await writeRecord(files, { ...record, port: started.port }, runAs);
  return { host: loopback, ...started, portBefore: record.port };
}
