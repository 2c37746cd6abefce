import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestPart } from './when-available.js';

/** A server that keeps its data, with KV version 2 at secret/: `-listen HOST:PORT -data FOLDER`. */
const program = process.env['BERTH_TEST_VAULT'] ?? 'vault-dev';

export const vaultPart: TestPart = {
  name: 'Vault',
  missing:
    spawnSync(program, ['-help']).error === undefined
      ? undefined
      : 'no vault-dev on PATH; name a program that runs a Vault in BERTH_TEST_VAULT',
};

/** What the server writes when it makes itself. */
interface InitFile {
  readonly unseal_key: string;
  readonly root_token: string;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A real Vault on a free loopback port, its data in a folder of its own. */
export class TestVault {
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #log = '';
  #init: InitFile = { unseal_key: '', root_token: '' };

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<TestVault> {
    const vault = new TestVault(await mkdtemp(path.join(tmpdir(), 'berth-vault-')), await freePort());
    await vault.run();
    return vault;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** All that it has written, over its starts. */
  get log(): string {
    return this.#log;
  }

  get rootToken(): string {
    return this.#init.root_token;
  }

  /** Starts it, again after kill9, with the data and on the port that it had; it comes up unsealed. */
  async run(): Promise<void> {
    const child = spawn(program, ['-listen', `127.0.0.1:${String(this.port)}`, '-data', this.folder], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
    });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()));
    await new Promise<void>((resolve, reject) => {
      const begin = this.#log.length;
      const look = (text: Buffer) => {
        this.#log += text.toString();
        if (this.#log.includes('ready http', begin)) resolve();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`the Vault ended at once:\n${this.#log.slice(begin)}`)));
    });
    this.#init = JSON.parse(await readFile(path.join(this.folder, 'init.json'), 'utf8')) as InitFile;
  }

  async kill9(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  async stop(): Promise<void> {
    await this.kill9();
    await rm(this.folder, { recursive: true, force: true });
  }

  async seal(): Promise<void> {
    await this.ask('PUT', 'sys/seal');
  }

  async unseal(): Promise<void> {
    await this.ask('PUT', 'sys/unseal', { key: this.#init.unseal_key });
    // It takes some moments after that until its mounts serve.
    for (let tries = 0; (await this.try('GET', 'secret/config')).status !== 200; tries += 1) {
      if (tries > 500) throw new Error('the unsealed Vault does not serve');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** A request as root, or with another token, behind Berth's back. Below `/v1`. */
  async try(method: string, what: string, body?: object, token = this.rootToken): Promise<Answer> {
    const response = await fetch(`${this.url}/v1/${what}`, {
      method,
      headers: { 'X-Vault-Token': token },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
  }

  /** One that has to succeed. */
  async ask(method: string, what: string, body?: object, token?: string): Promise<Answer['body']> {
    const answer = await this.try(method, what, body, token);
    if (answer.status < 300) return answer.body;
    throw new Error(`Vault answered ${method} ${what} with ${String(answer.status)}: ${JSON.stringify(answer.body)}`);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
