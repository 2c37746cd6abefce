import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { cleanEnvironment } from './run-program.js';

/**
 * Waits on a pipe that this process holds. However this process ends, kill -9 too, the system closes the pipe, and the shell
 * ends the server; then it removes the folder, if one is named. The pid is read at that moment, from the pid file, and trusted
 * only when its command line names the data folder.
 */
const script = `
read -r word
[ "$word" = dismissed ] && exit 0
data=$1; signal=$2; folder=$3
belongs() {
  if [ -d /proc/self ]; then tr '\\000' '\\n' < "/proc/$1/cmdline" 2>/dev/null | grep -qxF -- "$data"
  else ps -o args= -p "$1" | grep -qF -- "$data"; fi
}
pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ] && belongs "$pid"; then
  kill "-$signal" "$pid"
  n=0
  while belongs "$pid" && [ $n -lt 300 ]; do sleep 0.1; n=$((n + 1)); done
fi
[ -n "$folder" ] && rm -rf -- "$folder"
exit 0
`;

export interface WatchdogOrder {
  readonly data: string;
  /** INT stops cleanly; QUIT at once, for data that nobody needs afterwards. */
  readonly signal: 'INT' | 'QUIT';
  /** Removed after the server ended; left alone when absent. */
  readonly removeFolder?: string;
}

/** Binds a server to the life of this process. */
export class Watchdog {
  private constructor(private readonly line: Writable) {}

  static set(order: WatchdogOrder): Watchdog {
    const child = spawn('/bin/sh', ['-c', script, 'sh', order.data, order.signal, order.removeFolder ?? ''], {
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
    return new Watchdog(line);
  }

  /** The server was stopped on purpose, or another watchdog took over. */
  dismiss(): void {
    this.line.end('dismissed\n');
  }
}
