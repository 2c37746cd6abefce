import { lstat, readFile, rmdir, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { BerthError } from '@berth/domain';
import { ensureDataFolder } from './data-folder.js';
import { chooseFreePort } from './free-port.js';
import { endOrphans } from './orphans.js';
import { runningPostmaster, signal, waitUntil } from './postmaster.js';
import { findPostgresPrograms } from './programs.js';
import type { PostgresPrograms } from './programs.js';
import { ensureReachable, existingFolder, linkTarget } from './reachable-folder.js';
import { ownerOfServer, refuseStrangers, serverUser } from './run-as.js';
import type { RunAs } from './run-as.js';
import {
  dataState,
  readRecord,
  removeServerFiles,
  serverFiles,
  writeFirstRecord,
  writeRecord,
} from './server-files.js';
import type { ServerFiles, ServerRecord } from './server-files.js';
import type { ServerPurpose, Settings } from './server-settings.js';
import { loopback, startServer } from './start-server.js';
import type { Started } from './start-server.js';
import { Watchdog } from './watchdog.js';

const startDeadlineMs = 60_000;
const stopDeadlineMs = 30_000;
const immediateDeadlineMs = 15_000;

export interface LocalServerOptions {
  /** Holds everything of this server. Made by `create`; below it may lie a link to the real folder (see ensureReachable). */
  readonly folder: string;
  /** For `create`. A start uses them when they fit the data's major version, else the ones that the server was made with. */
  readonly programs?: PostgresPrograms | undefined;
  /** Where unreachable folders go. Default: /var/lib/berth. */
  readonly reachableRoot?: string | undefined;
}

export interface CreateOptions {
  readonly purpose: ServerPurpose;
  /** On top of what the purpose says; they count from the next start on. */
  readonly settings?: Settings;
  /** Default: a free one is chosen. Either way it is remembered from the first creation on. */
  readonly port?: number | undefined;
}

export interface StartOptions {
  /** `detached`: outlives this process. `with-this-process`: ends when this process ends, however. Default: detached. */
  readonly lifetime?: 'detached' | 'with-this-process';
  /** For the time until the server accepts connections; recovery after a crash counts. Default: 60,000. */
  readonly deadlineMs?: number;
  /** With `with-this-process`: removed when this process ends without stopping the server. For tests. */
  readonly removeFolder?: string;
}

export interface ServerStatus {
  readonly state: 'absent' | 'damaged' | 'stopped' | 'starting' | 'running';
  readonly host: string;
  readonly port?: number;
  readonly pid?: number;
  readonly major?: number;
}

/** One PostgreSQL server on this machine. Every verb may be repeated, after a crash at any point too. */
export class LocalServer {
  private watchdog: Watchdog | undefined;

  constructor(private readonly options: LocalServerOptions) {}

  /** Makes the folder, the data and the remembered port. A second call keeps data and port, and takes over the settings. */
  async create(options: CreateOptions): Promise<'created' | 'present'> {
    const { folder, programs, reachableRoot } = this.options;
    if (programs === undefined)
      throw new BerthError('local-server-failed', 'creating a server needs PostgreSQL programs');
    const known = await this.existing();
    const runAs = known?.runAs ?? (await serverUser());
    const real = await ensureReachable(folder, { runAs, ...(reachableRoot === undefined ? {} : { reachableRoot }) });
    const files = serverFiles(real);
    const result = await ensureDataFolder({
      files,
      programs,
      runAs,
      durable: options.settings?.['fsync'] !== false && options.purpose !== 'test',
    });
    const { purpose, settings = {} } = options;
    const before = await readRecord(files);
    const major = await majorOfData(files);
    const bin = before !== undefined && programs.major !== major ? before.bin : programs.bin;
    const record = { version: 1 as const, bin, major, purpose, settings };
    if (before === undefined)
      await writeFirstRecord(files, { ...record, port: options.port ?? (await chooseFreePort()) }, runAs);
    else await writeRecord(files, { ...record, port: before.port }, runAs);
    return result;
  }

  /** Starts the server and waits until it accepts connections. A running server is left as it is. */
  async start(options: StartOptions = {}): Promise<Started> {
    const { files, runAs, record } = await this.created();
    const bin = await this.binFor(record);
    const started = await startServer({ files, runAs, record, bin, deadlineMs: options.deadlineMs ?? startDeadlineMs });
    this.bind(files, options);
    return started;
  }

  /** Stops cleanly (sessions are ended), and at once when that takes longer than the deadline. Default: 30,000 ms. */
  async stop(
    options: { readonly deadlineMs?: number; readonly mode?: 'fast' | 'immediate' } = {},
  ): Promise<'stopped' | 'was-stopped'> {
    const files = await this.files();
    const running = files === undefined ? undefined : await runningPostmaster(files);
    this.watchdog?.dismiss();
    this.watchdog = undefined;
    if (files === undefined || running === undefined) return 'was-stopped';
    const gone = async (): Promise<boolean> => (await runningPostmaster(files))?.pid !== running.pid;
    if (options.mode !== 'immediate') {
      signal(running.pid, 'SIGINT');
      if (await waitUntil(gone, options.deadlineMs ?? stopDeadlineMs)) return 'stopped';
    }
    signal(running.pid, 'SIGQUIT');
    if (await waitUntil(gone, immediateDeadlineMs)) return 'stopped';
    throw new BerthError(
      'local-server-failed',
      `the PostgreSQL server in ${files.folder} (process ${String(running.pid)}) does not stop`,
      {
        hint: `Its log: ${files.log}. Last resort: kill -9 ${String(running.pid)}`,
      },
    );
  }

  /** What is there now, read from the files and the process itself. */
  async status(): Promise<ServerStatus> {
    const files = await this.files();
    const data = files === undefined ? 'absent' : await dataState(files);
    const record = files === undefined ? undefined : await readRecord(files);
    if (files === undefined || data === 'damaged' || data === 'absent' || record === undefined) {
      return { state: data === 'damaged' ? 'damaged' : 'absent', host: loopback };
    }
    const { port, major } = record;
    const running = await runningPostmaster(files);
    if (running === undefined) return { state: 'stopped', host: loopback, port, major };
    return {
      state: running.ready ? 'running' : 'starting',
      host: loopback,
      port: running.port,
      pid: running.pid,
      major,
    };
  }

  /** Stops the server and removes all of its files; nothing else in the folder is touched. */
  async destroy(): Promise<'destroyed' | 'was-absent'> {
    const folder = path.resolve(this.options.folder);
    const files = await this.files();
    const target = await linkTarget(folder);
    if (files !== undefined) {
      await this.stop({ mode: 'immediate' });
      const existing = await this.existing();
      if (existing !== undefined) await endOrphans(files, existing.runAs);
      await removeServerFiles(files);
      await rmdir(files.folder).catch(() => undefined); // Not empty: somebody keeps something there.
    }
    if (target !== undefined && (await lstat(target).catch(() => undefined)) === undefined) await unlink(folder);
    return files === undefined ? 'was-absent' : 'destroyed';
  }

  /** Where everything of this server lies; undefined before `create`. */
  async files(): Promise<ServerFiles | undefined> {
    const real = await existingFolder(this.options.folder);
    if (real === undefined) return undefined;
    await refuseStrangers(real);
    return serverFiles(real);
  }

  /** Files, user, programs and record of a server that was created; an error for one that was not. */
  async created(): Promise<{ readonly files: ServerFiles; readonly runAs: RunAs; readonly record: ServerRecord }> {
    const existing = await this.existing();
    const record = existing === undefined ? undefined : await readRecord(existing.files);
    if (existing !== undefined && record !== undefined) return { ...existing, record };
    throw new BerthError(
      'local-server-failed',
      `there is no PostgreSQL server in ${path.resolve(this.options.folder)}`,
      {
        hint: 'Create it first.',
      },
    );
  }

  /** The programs' folder for this data: a server runs on its own major version only. */
  async binFor(record: ServerRecord): Promise<string> {
    const { programs } = this.options;
    if (programs?.major === record.major) return programs.bin;
    const { bin, major } = await findPostgresPrograms({ explicit: record.bin });
    if (major === record.major) return bin;
    throw new BerthError(
      'postgres-programs-missing',
      `the data is of PostgreSQL ${String(record.major)}, and ${record.bin} has ${String(major)}`,
      {
        hint: `Install PostgreSQL ${String(record.major)} beside it, or name its folder in BERTH_PG_BIN.`,
      },
    );
  }

  private async existing(): Promise<{ readonly files: ServerFiles; readonly runAs: RunAs } | undefined> {
    const files = await this.files();
    if (files === undefined || (await dataState(files)) !== 'whole') return undefined;
    return { files, runAs: await ownerOfServer(await stat(files.data)) };
  }

  private bind(files: ServerFiles, { lifetime, removeFolder }: StartOptions): void {
    this.watchdog?.dismiss();
    this.watchdog = undefined;
    if (lifetime !== 'with-this-process') return;
    const ending = removeFolder === undefined ? { signal: 'INT' as const } : { signal: 'QUIT' as const, removeFolder };
    this.watchdog = Watchdog.set({ data: files.data, ...ending });
  }
}

async function majorOfData(files: ServerFiles): Promise<number> {
  return Number.parseInt(await readFile(path.join(files.data, 'PG_VERSION'), 'utf8'), 10);
}
