import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { cleanEnvironment } from './run-program.js';

/**
 * Waits on a pipe that this process holds. However this process ends, kill -9 too, the system closes the pipe, and the shell goes
 * on to what it was told to do. `end_server` reads the pid at that moment, from the pid file, and trusts it only when its command
 * line names the data folder.
 */
const prelude = `
read -r word
[ "$word" = dismissed ] && exit 0
belongs() {
  if [ -d /proc/self ]; then tr '\\000' '\\n' < "/proc/$1/cmdline" 2>/dev/null | grep -qxF -- "$2"
  else ps -o args= -p "$1" | grep -qF -- "$2"; fi
}
end_server() {
  pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null)
  [ -n "$pid" ] && belongs "$pid" "$1" || return 0
  kill "-$2" "$pid"
  n=0
  while belongs "$pid" "$1" && [ $n -lt 300 ]; do sleep 0.1; n=$((n + 1)); done
}
`;

/** Arguments: the data folder, the signal, the folder to remove or nothing. */
const endOneServer = `
end_server "$1" "$2"
[ -n "$3" ] && rm -rf -- "$3"
exit 0
`;

export interface WatchdogOrder {
  readonly data: string;
  /** INT stops cleanly; QUIT at once, for data that nobody needs afterwards. */
  readonly signal: 'INT' | 'QUIT';
  /** Removed after the server ended; left alone when absent. */
  readonly removeFolder?: string;
}

/** Binds servers, or whatever a script ends, to the life of this process. */
export class Watchdog {
  private constructor(
    private readonly line: Writable,
    /** Of the shell that waits; undefined where there is none. */
    readonly pid: number | undefined,
  ) {}

  static set(order: WatchdogOrder): Watchdog {
    return Watchdog.run(endOneServer, [order.data, order.signal, order.removeFolder ?? '']);
  }

  /** Runs a shell script when this process ends, however it ends; `end_server data signal` is known to it. */
  static run(script: string, args: readonly string[]): Watchdog {
    const child = spawn('/bin/sh', ['-c', prelude + script, 'sh', ...args], {
      cwd: '/',
      env: cleanEnvironment(),
      detached: true, // Ctrl-C reaches the whole group: the watchdog must outlive it.
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.on('error', () => undefined); // Without a shell there is no watchdog; the server itself is not affected.
    child.unref();
    const line = child.stdin;
    line.on('error', () => undefined);
    // A pipe to a child is a socket underneath; held, it would keep this process alive.
    if (line instanceof Socket) line.unref();
    return new Watchdog(line, child.pid);
  }

  /** What it was to end was ended on purpose, or another watchdog took over. */
  dismiss(): void {
    this.line.end('dismissed\n');
  }
}
