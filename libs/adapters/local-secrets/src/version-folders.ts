import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SecretRef } from '@berth/domain';
import { createWhole, ensureFolder, privateFolder, randomName, syncFolder, writeSynced } from './safe-files.js';
import { errnoOf } from './secret-faults.js';

type Ref = SecretRef<object>;

/** Where a secret's versions lie now: `life` is the folder of its present life, null when it has none. */
export interface Shelf {
  readonly life: string | null;
  /** Oldest first. */
  readonly versions: readonly number[];
  readonly removed: ReadonlySet<number>;
}

const emptyShelf: Shelf = { life: null, versions: [], removed: new Set() };
const leftoverAgeMs = 3_600_000;

/**
 * The folders of the store. Without a lock, so that no killed process leaves one behind:
 *
 *     refs/<ref with + for />/<life>/<version>.json     versions, made by link(2): never twice
 *     refs/…/<life>/<version>.removed                   a mark beside the version
 *     tmp/  trash/                                      half-written and destroyed things, swept
 *
 * A destroy renames the secret's whole folder away, in one act. A writer that looked before it still names the folder of
 * the old life, which is gone, and so cannot slip its version into a secret that was made anew in between.
 */
export class VersionFolders {
  readonly tmp: string;
  private readonly refs: string;
  private readonly trash: string;

  constructor(private readonly root: string) {
    this.refs = path.join(root, 'refs');
    this.tmp = path.join(root, 'tmp');
    this.trash = path.join(root, 'trash');
  }

  async prepare(): Promise<void> {
    await ensureFolder(this.root);
    await Promise.all([this.refs, this.tmp, this.trash].map(ensureFolder));
  }

  /** Empties the trash, and drops what killed writers left. A writer that lives needs its file for moments only. */
  async sweep(now: Date): Promise<void> {
    await Promise.all((await readdir(this.trash)).map((name) => this.erase(path.join(this.trash, name))));
    for (const name of await readdir(this.tmp)) {
      const file = path.join(this.tmp, name);
      const found = await stat(file).catch(() => undefined);
      if (found !== undefined && now.getTime() - found.mtimeMs > leftoverAgeMs) await this.erase(file);
    }
  }

  async isEmpty(): Promise<boolean> {
    return (await readdir(this.refs)).length === 0;
  }

  async look(ref: Ref): Promise<Shelf> {
    const folder = this.folderOf(ref);
    const [lifeName] = await readdirIfThere(folder);
    if (lifeName === undefined) return emptyShelf;
    const life = path.join(folder, lifeName);
    const names = await readdirIfThere(life);
    const numbers = (ending: string): readonly number[] =>
      names.filter((name) => name.endsWith(ending)).map((name) => Number(name.slice(0, -ending.length)));
    const versions = numbers('.json').filter(Number.isInteger);
    if (versions.length === 0) return emptyShelf;
    return { life, versions: [...versions].sort((left, right) => left - right), removed: new Set(numbers('.removed')) };
  }

  fileOf(life: string, version: number): string {
    return path.join(life, `${String(version)}.json`);
  }

  /** The text of a version, or null when the secret was destroyed meanwhile. */
  async text(life: string, version: number): Promise<string | null> {
    return readFile(this.fileOf(life, version), 'utf8').catch(goneAs(null));
  }

  /** Adds the first version: the whole folder comes into being by one rename. False: the secret exists. */
  async addFirst(ref: Ref, contents: string): Promise<boolean> {
    const aside = path.join(this.tmp, randomName());
    const life = path.join(aside, randomName());
    try {
      // `aside` itself is renamed away: that tmp/ holds it need not survive anything.
      await mkdir(life, { recursive: true, mode: privateFolder });
      await writeSynced(this.fileOf(life, 1), contents);
      await Promise.all([syncFolder(life), syncFolder(aside)]);
      await rename(aside, this.folderOf(ref));
      await syncFolder(this.refs);
      return true;
    } catch (thrown) {
      await this.erase(aside);
      if (['ENOTEMPTY', 'EEXIST'].includes(errnoOf(thrown) ?? '')) return false;
      throw thrown;
    }
  }

  /** Adds a later version. False: somebody added it first, or the secret was destroyed meanwhile. */
  async addNext(life: string, version: number, contents: string): Promise<boolean> {
    return createWhole(path.join(this.tmp, randomName()), this.fileOf(life, version), contents).catch(goneAs(false));
  }

  async markRemoved(life: string, version: number): Promise<void> {
    const mark = path.join(life, `${String(version)}.removed`);
    await createWhole(path.join(this.tmp, randomName()), mark, '').catch(goneAs(false));
  }

  async destroy(ref: Ref): Promise<void> {
    const away = path.join(this.trash, randomName());
    const moved = await rename(this.folderOf(ref), away).then(() => true, goneAs(false));
    if (!moved) return;
    await syncFolder(this.refs);
    await this.erase(away);
    await syncFolder(this.trash);
  }

  async list(): Promise<readonly string[]> {
    return (await readdir(this.refs)).map((name) => name.replaceAll('+', '/')).sort();
  }

  private folderOf(ref: Ref): string {
    return path.join(this.refs, ref.replaceAll('/', '+'));
  }

  private async erase(file: string): Promise<void> {
    await rm(file, { recursive: true, force: true });
  }
}

async function readdirIfThere(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(goneAs([]));
}

function goneAs<T>(value: T): (thrown: unknown) => T {
  return (thrown) => {
    if (errnoOf(thrown) === 'ENOENT') return value;
    throw thrown;
  };
}
