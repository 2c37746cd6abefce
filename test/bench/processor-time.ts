import { readdir, readFile } from 'node:fs/promises';
import type { TestPostgres } from '@berth/testing';

/** Clock ticks a second of /proc on every Linux that Node runs on. */
const ticks = 100;

interface Process {
  readonly parent: number;
  readonly seconds: number;
  /** Of children that have ended. */
  readonly endedSeconds: number;
}

/** Processor seconds of a process and its children, those that ended included; 0 where there is no /proc. */
export async function treeSeconds(pid: number): Promise<number> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (one) => [one, await look(one)] as const));
  return found.reduce((sum, [one, { parent, seconds, endedSeconds }]) => {
    if (one === pid) return sum + seconds + endedSeconds;
    return parent === pid ? sum + seconds : sum;
  }, 0);
}

async function look(pid: number): Promise<Process> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may hold anything; the fields are counted from behind it.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return { parent, seconds: (user + system) / ticks, endedSeconds: (endedUser + endedSystem) / ticks };
}

/** The first process of a server: the parent of its checkpointer. */
export async function postmasterOf(server: TestPostgres): Promise<number> {
  const checkpointer = await server.psql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");
  return (await look(Number(checkpointer))).parent;
}
