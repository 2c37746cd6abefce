import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BerthError, quoteForMessage } from '@berth/domain';

export interface DumpedFile {
  readonly name: string;
  readonly bytes: number;
}

/** What is known about a complete dump; a folder without it is half-made. */
export interface Manifest {
  readonly clusterId: string;
  readonly database: string;
  readonly schema: string;
  readonly postgresMajor: number;
  readonly sha256: string;
  readonly files: readonly DumpedFile[];
}

const readAtOnce = 2;

/**
 * Dumps on disk: the folder `<name>` and, once it is complete, `<name>.json` beside it. A dump is made in a folder of its own
 * try and renamed at the end, so that a pg_dump that outlived its crashed worker can never write into the next one's.
 */
export class DumpStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = path.resolve(root);
  }

  folder(name: string): string {
    if (!/^[a-z0-9][a-z0-9_-]{0,120}$/i.test(name)) {
      throw new BerthError('invalid-name', `${quoteForMessage(name)} cannot name a dump.`);
    }
    return path.join(this.#root, name);
  }

  /** Removes what earlier tries left and returns the path of a new try, not yet made. */
  async begin(name: string): Promise<string> {
    const folder = this.folder(name);
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    await this.#removeTries(name);
    return `${folder}.try-${randomBytes(6).toString('hex')}`;
  }

  /** A try is complete: hashed, put in the place of whatever bore the name, and recorded. */
  async finish(name: string, attempt: string, facts: Omit<Manifest, 'sha256' | 'files'>): Promise<Manifest> {
    const files = await filesOf(attempt);
    const manifest = { ...facts, sha256: await hashOf(attempt, files), files };
    await this.#removeComplete(name);
    await rename(attempt, this.folder(name));
    const record = `${this.folder(name)}.json`;
    await writeFile(`${attempt}.json`, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    await rename(`${attempt}.json`, record);
    return manifest;
  }

  /** @throws BerthError `copy-failed` when the dump is missing, half-made, or its files are not those that were made. */
  async open(name: string, options: { readonly verify: boolean }): Promise<Manifest> {
    const folder = this.folder(name);
    const text = await readFile(`${folder}.json`, 'utf8').catch(() => undefined);
    if (text === undefined) throw new BerthError('copy-failed', `There is no complete dump ${name}.`);
    const manifest = JSON.parse(text) as Manifest;
    const files = await filesOf(folder).catch(() => []);
    const same = JSON.stringify(files) === JSON.stringify(manifest.files);
    if (!same || (options.verify && (await hashOf(folder, files)) !== manifest.sha256)) {
      throw new BerthError('copy-failed', `The files of the dump ${name} are not the ones that were written.`, {
        hint: 'Make the dump again; check the disk of the dump folder.',
      });
    }
    return manifest;
  }

  /** The half-made list that a restore reads; removed with the tries. */
  async writeList(name: string, lines: readonly string[]): Promise<string> {
    const file = `${this.folder(name)}.try-${randomBytes(6).toString('hex')}.list`;
    await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    return file;
  }

  async discard(name: string): Promise<void> {
    await this.#removeComplete(name);
    await this.#removeTries(name);
  }

  /** Frees the disk after a try that failed; a complete dump of the name stays. */
  async abandon(name: string): Promise<void> {
    await this.#removeTries(name);
  }

  /** The record first: a crash between the two leaves a half-made dump, never a record of what is not there. */
  async #removeComplete(name: string): Promise<void> {
    await rm(`${this.folder(name)}.json`, { force: true });
    await rm(this.folder(name), { recursive: true, force: true });
  }

  async #removeTries(name: string): Promise<void> {
    const entries = await readdir(this.#root).catch(() => []);
    const tries = entries.filter((entry) => entry.startsWith(`${name}.try-`));
    await Promise.all(
      tries.map((entry) => rm(path.join(this.#root, entry), { recursive: true, force: true, maxRetries: 3 })),
    );
  }
}

export async function filesOf(folder: string): Promise<readonly DumpedFile[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(path.join(folder, name))).size })));
}

/** SHA-256 over the names and the SHA-256 of the files. */
async function hashOf(folder: string, files: readonly DumpedFile[]): Promise<string> {
  const hashes = new Map<string, string>();
  const waiting = [...files];
  const read = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const hash = createHash('sha256');
      await pipeline(createReadStream(path.join(folder, file.name), { highWaterMark: 1 << 20 }), hash);
      hashes.set(file.name, hash.digest('hex'));
    }
  };
  await Promise.all(Array.from({ length: readAtOnce }, read));
  const whole = createHash('sha256');
  for (const { name } of files) whole.update(`${name} ${hashes.get(name) ?? ''}\n`);
  return whole.digest('hex');
}
