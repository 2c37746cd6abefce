import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { scramVerifier, type PoolerAccess } from '@berth/domain';
import { chooseFreePort, loopback, serverUser } from '@berth/local-postgres';
import type { TestPart } from './when-available.js';

/** The real program, looked for on PATH. */
export const pgbouncerPart: TestPart = {
  name: 'PgBouncer',
  missing:
    spawnSync('pgbouncer', ['--version'], { env: searchPath() }).status === 0
      ? undefined
      : 'no pgbouncer on PATH (Debian: apt-get install pgbouncer)',
};

/** Debian puts it among the servers' programs, where a user's PATH does not lead. */
function searchPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` };
}

export interface TestPgBouncer {
  readonly access: PoolerAccess;
  /** Ends it as a crash would. */
  kill9(): Promise<void>;
  /** Stops it from answering, as a frozen machine would, and lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Has it read its files again without its console. */
  hangUp(): void;
  /** Starts it again; false: it ended at once. */
  start(): Promise<boolean>;
  /** Removes all that is in the folder that Berth writes to. */
  loseFiles(): Promise<void>;
  log(): Promise<string>;
  stop(): Promise<void>;
}

const samples = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../infra/pgbouncer');
const sampleFolder = '/etc/pgbouncer/berth';

/** PgBouncer with the sample configuration of `infra/pgbouncer`, on a free port, as no root. `settings` go on top. */
export async function startPgBouncer(settings: Readonly<Record<string, string>> = {}): Promise<TestPgBouncer> {
  const top = await mkdtemp(path.join(tmpdir(), 'berth-pgbouncer-'));
  const folder = path.join(top, 'berth');
  const port = await chooseFreePort();
  const password = randomBytes(12).toString('hex');
  const user = await serverUser();
  await chmod(top, 0o711);
  await mkdir(folder);
  const sample = await readFile(path.join(samples, 'pgbouncer.ini'), 'utf8');
  const own = Object.entries({ listen_port: String(port), ...settings }).map(([name, value]) => `${name} = ${value}`);
  const ini = path.join(top, 'pgbouncer.ini');
  // The last of two settings with one name is the one that counts.
  await writeFile(ini, `${sample.replaceAll(sampleFolder, folder)}\n${own.join('\n')}\n`);
  for (const name of (await readdir(samples)).filter((file) => file.startsWith('berth-'))) {
    const text = await readFile(path.join(samples, name), 'utf8');
    await writeFile(path.join(folder, name), text.replace('choose-a-password', password));
  }
  // As in production: its files belong to Berth, and it reads them by its group.
  if (user.drops) await chown(folder, process.getuid?.() ?? 0, user.gid);
  await chmod(folder, 0o750);
  const access = {
    poolerId: 'pool-1',
    host: loopback,
    port,
    sslMode: 'disable',
    folder,
    user: 'berth_pooler',
    password,
    verifier: scramVerifier(password),
  } as const;
  const server = new TestServer(top, ini, access, user);
  if (!(await server.start())) throw new Error(`pgbouncer ended at once:\n${await server.log()}`);
  return server;
}

class TestServer implements TestPgBouncer {
  #process: ChildProcess | null = null;

  constructor(
    private readonly top: string,
    private readonly ini: string,
    readonly access: PoolerAccess,
    private readonly user: { readonly uid: number; readonly gid: number; readonly drops: boolean },
  ) {}

  async start(): Promise<boolean> {
    const log = await open(this.#logFile, 'a');
    const { uid, gid, drops } = this.user;
    const child = spawn('pgbouncer', [this.ini], {
      stdio: ['ignore', log.fd, log.fd],
      cwd: '/',
      env: searchPath(),
      ...(drops && { uid, gid }),
    });
    await log.close();
    this.#process = child;
    while (child.exitCode === null && child.signalCode === null) {
      if (await answers(this.access)) return true;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return false;
  }

  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  hangUp(): void {
    this.#process?.kill('SIGHUP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async loseFiles(): Promise<void> {
    for (const name of await readdir(this.access.folder)) await rm(path.join(this.access.folder, name));
  }

  async log(): Promise<string> {
    return await readFile(this.#logFile, 'utf8');
  }

  async stop(): Promise<void> {
    await this.#end('SIGKILL');
    await rm(this.top, { recursive: true, force: true });
  }

  get #logFile(): string {
    return path.join(this.top, 'log');
  }

  async #end(signal: 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}

function answers({ host, port }: PoolerAccess): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
}
