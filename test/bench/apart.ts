import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestPostgres } from '@berth/testing';

const run = promisify(execFile);

/**
 * What a machine of its own would do for the target of a move, as far as two cores can show it: the source and who uses it on one,
 * everything else on the other.
 */
export const cores = { source: 0, target: 1 } as const;

/** With all its threads; children that it starts from now on inherit it. */
export async function pinProcess(pid: number, core: number): Promise<void> {
  await run('taskset', ['-a', '-c', '-p', String(core), String(pid)]);
}

/** The processes that a server has, and those that it will start. */
export async function pinServer(server: TestPostgres, core: number): Promise<void> {
  const first = Number((await server.psql(`SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)`)).trim());
  await pinProcess(first, core);
  const { stdout } = await run('pgrep', ['-P', String(first)]);
  for (const pid of stdout.trim().split('\n')) await pinProcess(Number(pid), core).catch(gone);
}

/** A backend ends with its session. */
function gone(error: unknown): void {
  if (!String((error as { stderr?: unknown }).stderr).includes('No such process')) throw error;
}
