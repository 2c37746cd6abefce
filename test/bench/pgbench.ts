import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface PgbenchLoad {
  /** Where pgbench lies. */
  readonly bin: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** One transaction. Of each client `:n` is 1 in its first one, and one more in each that follows. */
  readonly script: string;
  readonly variables: Readonly<Record<string, number>>;
  readonly clients: number;
  /** Transactions a second that are begun. */
  readonly rate: number;
  /** Ends by itself after so long, if nobody ended it before. */
  readonly seconds: number;
}

export interface Acknowledged {
  readonly client: number;
  readonly n: number;
  /** When, as in `Date.now()`, with microseconds. */
  readonly at: number;
}

export interface PgbenchAnswer {
  /** In the order of time. */
  readonly acknowledged: readonly Acknowledged[];
  /** What pgbench complained of, a line each. */
  readonly errors: readonly string[];
}

/** One run of pgbench, and what its own log of transactions tells. It repeats nothing: a client that meets an error is gone. */
export class Pgbench {
  readonly #said: Buffer[] = [];
  readonly #ended: Promise<number | null>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => this.#said.push(chunk));
    this.#ended = once(child, 'close').then(([code]) => code as number | null);
    this.#ended.catch(() => undefined);
  }

  static async start(load: PgbenchLoad): Promise<Pgbench> {
    const folder = await mkdtemp(path.join(tmpdir(), 'berth-pgbench-'));
    const script = path.join(folder, 'script.sql');
    await writeFile(script, `\\set n :n + 1\n${load.script}\n`);
    const { host, port, database, user, clients, rate, seconds } = load;
    const address = ['-h', host, '-p', String(port), '-U', user];
    const size = ['-c', String(clients), '-j', '2', '-R', String(rate), '-T', String(seconds)];
    const log = ['-l', `--log-prefix=${path.join(folder, 'log')}`];
    const given = Object.entries({ ...load.variables, n: 0 }).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
    const args = ['-n', ...address, ...size, ...log, ...given, '-f', script, database];
    const env = { ...process.env, PGPASSWORD: load.password };
    const child = spawn(path.join(load.bin, 'pgbench'), args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    return new Pgbench(child, folder);
  }

  /** As its own clock would after `seconds`: every client ends its transaction, and the log is whole. */
  async end(): Promise<PgbenchAnswer> {
    this.child.kill('SIGALRM');
    try {
      const code = await this.#ended;
      const said = Buffer.concat(this.#said).toString().trimEnd().split('\n');
      // It ends with 2 when a client was sent away: that is an answer too.
      if (code !== 0 && code !== 2) throw new Error(`pgbench ended with ${String(code)}: ${said.slice(-3).join('; ')}`);
      const { acknowledged, failed } = await this.#readLogs();
      const complaints = said.filter((line) => /error|aborted|fatal/i.test(line));
      return { acknowledged, errors: [...complaints, ...failed] };
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  /** For whoever does not come to its end. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** A client's transactions are all in one file, in their order: the first of them had `:n` = 1. */
  async #readLogs(): Promise<{ readonly acknowledged: readonly Acknowledged[]; readonly failed: readonly string[] }> {
    const names = (await readdir(this.folder)).filter((name) => name.startsWith('log'));
    const texts = await Promise.all(names.map((name) => readFile(path.join(this.folder, name), 'utf8')));
    const counts = new Map<number, number>();
    const [acknowledged, failed]: [Acknowledged[], string[]] = [[], []];
    // Of lines `client transaction latency script seconds microseconds …`.
    for (const line of texts.flatMap((text) => text.split('\n'))) {
      const [client, , latency, , seconds, microseconds] = line.split(' ');
      if (microseconds === undefined) continue;
      const n = (counts.get(Number(client)) ?? 0) + 1;
      counts.set(Number(client), n);
      if (Number.isNaN(Number(latency))) failed.push(`client ${String(client)}, transaction ${n}: ${String(latency)}`);
      else acknowledged.push({ client: Number(client), n, at: Number(seconds) * 1_000 + Number(microseconds) / 1_000 });
    }
    acknowledged.sort((one, other) => one.at - other.at);
    return { acknowledged, failed };
  }
}
