import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestPart } from './when-available.js';

const run = promisify(execFile);
const has = (program: string, flag: string): boolean => spawnSync(program, [flag]).status === 0;

/** Redis for tests of the queue; its program is looked for on PATH. */
export const redisPart: TestPart = {
  name: 'Redis',
  missing:
    has('redis-server', '--version') && has('redis-cli', '--version') && has('openssl', 'version')
      ? undefined
      : 'no redis-server, redis-cli or openssl on PATH (Debian: apt-get install redis-server openssl)',
};

export interface TestRedisOptions {
  /** With a certificate of its own, made for 127.0.0.1 and localhost; plain text is not served then. */
  readonly tls?: boolean;
  /** Users beside `default`, by name: their password and rules, as `ACL SETUSER` takes them. */
  readonly users?: Readonly<Record<string, { readonly password: string; readonly rules: string }>>;
  /** Further lines of redis.conf. */
  readonly settings?: readonly string[];
}

/** A Redis in memory on a free loopback port, that keeps its port and loses its data when it is started again. */
export class TestRedis {
  #server: ChildProcess | null = null;
  #log = '';

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly options: TestRedisOptions,
  ) {}

  static async start(options: TestRedisOptions): Promise<TestRedis> {
    const folder = await mkdtemp(path.join(tmpdir(), 'berth-redis-'));
    const redis = new TestRedis(await freePort(), folder, options);
    if (options.tls === true) await makeCertificate(folder);
    // A file of mode 0600, as passwords in arguments can be read by everybody.
    await writeFile(redis.#conf, redis.#settings().join('\n'), { mode: 0o600 });
    await redis.start();
    return redis;
  }

  /** As the default user, who may do everything. */
  get url(): string {
    return `${this.#scheme}://127.0.0.1:${String(this.port)}`;
  }

  /** As one of the users. */
  urlOf(user: string, password = this.options.users?.[user]?.password ?? ''): string {
    return `${this.#scheme}://${user}:${encodeURIComponent(password)}@127.0.0.1:${String(this.port)}`;
  }

  /** The certificate, which vouches for itself. */
  get caFile(): string {
    return path.join(this.folder, 'redis.crt');
  }

  /** All that it has written, over its starts. */
  get log(): string {
    return this.#log;
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  get isRunning(): boolean {
    return this.#server !== null;
  }

  async start(): Promise<void> {
    const server = spawn('redis-server', [this.#conf], { stdio: ['ignore', 'pipe', 'pipe'], cwd: this.folder });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      const begin = this.#log.length;
      server.once('exit', () => reject(new Error(`redis-server ended at once:\n${this.#log.slice(begin)}`)));
      const read = (text: Buffer): void => {
        this.#log += text.toString();
        if (this.#log.includes('Ready to accept connections', begin)) resolve();
      };
      server.stdout.on('data', read);
      server.stderr.on('data', read);
    });
  }

  /** As an administrator types it. */
  async cli(...words: readonly string[]): Promise<string> {
    const secure = this.options.tls === true ? ['--tls', '--cacert', this.caFile] : [];
    const { stdout } = await run('redis-cli', ['-h', '127.0.0.1', '-p', String(this.port), ...secure, ...words]);
    return stdout.trim();
  }

  /** A clean end, without a last word on disk; {@link start} brings it back, empty. */
  async halt(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** It holds its connections and answers nobody, until {@link thaw}. */
  freeze(): void {
    this.#server?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#server?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.#end('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    server.kill(signal);
    await ended;
  }

  get #scheme(): string {
    return this.options.tls === true ? 'rediss' : 'redis';
  }

  get #conf(): string {
    return path.join(this.folder, 'redis.conf');
  }

  #settings(): readonly string[] {
    const { tls, users = {}, settings = [] } = this.options;
    const port = String(this.port);
    const key = path.join(this.folder, 'redis.key');
    const secure = [`port 0`, `tls-port ${port}`, `tls-cert-file ${this.caFile}`, `tls-key-file ${key}`];
    return [
      'bind 127.0.0.1',
      'save ""',
      'maxmemory-policy noeviction',
      ...(tls === true ? [...secure, `tls-ca-cert-file ${this.caFile}`, 'tls-auth-clients no'] : [`port ${port}`]),
      ...Object.entries(users).map(([name, { password, rules }]) => `user ${name} on ">${password}" ${rules}`),
      ...settings,
    ];
  }
}

export async function startRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  return await TestRedis.start(options);
}

async function makeCertificate(folder: string): Promise<void> {
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-keyout', path.join(folder, 'redis.key'), '-out', path.join(folder, 'redis.crt')],
    ...['-subj', '/CN=redis of a test', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'],
  ]);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
