import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface PgbenchLoad {
  /** Where pgbench lies. */
  readonly bin: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly script: string;
  readonly clients: number;
  /** Transactions a second that are begun. */
  readonly rate: number;
  readonly seconds: number;
}

export interface PgbenchAnswer {
  /** Longest time between two acknowledged transactions of all clients together, in ms. */
  readonly longestMs: number;
  /** When the last one was acknowledged, as in `Date.now()`. */
  readonly endedAt: number;
  readonly acknowledged: number;
  readonly rate: number;
  /** What pgbench complained of, a line each. */
  readonly errors: readonly string[];
}

/** One run of pgbench, and what its own log of transactions tells. */
export async function pgbench(load: PgbenchLoad): Promise<PgbenchAnswer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'berth-pgbench-'));
  try {
    const script = path.join(folder, 'script.sql');
    await writeFile(script, load.script);
    const { host, port, database, user, clients, rate, seconds } = load;
    const address = ['-h', host, '-p', String(port), '-U', user];
    const size = ['-c', String(clients), '-j', '2', '-R', String(rate), '-T', String(seconds)];
    const log = ['-l', `--log-prefix=${path.join(folder, 'log')}`];
    const args = ['-n', ...address, ...size, ...log, '-f', script, database];
    const env = { ...process.env, PGPASSWORD: load.password };
    // It ends with 2 when a client was sent away: that is an answer too.
    const { stderr } = await run(path.join(load.bin, 'pgbench'), args, { env }).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 2 && 'stderr' in error)
        return { stderr: String(error.stderr) };
      throw error;
    });
    const logs = (await readdir(folder)).filter((name) => name.startsWith('log'));
    const lines = await Promise.all(
      logs.map(async (name) => (await readFile(path.join(folder, name), 'utf8')).split('\n')),
    );
    return { ...timesOf(lines.flat()), errors: stderr.split('\n').filter((line) => /error|aborted|fatal/i.test(line)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of lines `client transaction latency script seconds microseconds …`. */
function timesOf(lines: readonly string[]): Omit<PgbenchAnswer, 'errors'> {
  const at = lines
    .map((line) => line.split(' '))
    .filter((fields) => fields.length >= 6)
    .map(([, , , , seconds, microseconds]) => Number(seconds) * 1_000 + Number(microseconds) / 1_000)
    .sort((one, other) => one - other);
  const [first, last] = [at[0], at.at(-1)];
  if (first === undefined || last === undefined) throw new Error('pgbench acknowledged no transaction');
  const gaps = at.slice(1).map((time, index) => time - (at[index] ?? time));
  return {
    ...{ longestMs: Math.max(...gaps), endedAt: last },
    ...{ acknowledged: at.length, rate: (at.length * 1_000) / (last - first) },
  };
}
