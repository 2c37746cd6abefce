import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

interface Entry {
  readonly pid: number;
  readonly parent: number;
  readonly residentBytes: number;
}

async function allProcesses(): Promise<readonly Entry[]> {
  const { stdout } = await execute('ps', ['-A', '-o', 'pid=,ppid=,rss=']).catch(() => ({ stdout: '' }));
  if (stdout !== '') {
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([pid = 0, parent = 0, kilobytes = 0]) => ({ pid, parent, residentBytes: kilobytes * 1_024 }));
  }
  return process.platform === 'linux' ? fromProc() : []; // Slim container images come without ps.
}

async function fromProc(): Promise<readonly Entry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
      return { pid: Number(pid), parent: field('PPid'), residentBytes: field('VmRSS') * 1_024 };
    }),
  );
  return found;
}

/**
 * Memory of processes with their children, by pid. PostgreSQL's children share one buffer: counted by resident size it would
 * be counted once for each, so the proportional size is taken where the system tells it.
 */
export async function memoryOf(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const all = await allProcesses();
  const result = new Map<number, number>();
  for (const pid of pids) {
    // A child that is asked for as well is counted for itself.
    const tree = all.filter((entry) => entry.pid === pid || (entry.parent === pid && !pids.includes(entry.pid)));
    const sizes = await Promise.all(tree.map(async (entry) => (await proportional(entry.pid)) ?? entry.residentBytes));
    if (sizes.length > 0)
      result.set(
        pid,
        sizes.reduce((sum, bytes) => sum + bytes, 0),
      );
  }
  return result;
}

async function proportional(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${String(pid)}/smaps_rollup`, 'utf8').catch(() => '');
  const kilobytes = /^Pss:\s+(\d+)/m.exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
}
