import path from 'node:path';
import { requireSecretRef, secretConflict, type SecretRef } from '@berth/domain';
import { SecretStore, type SecretMetadata, type SecretVersion, type StoredSecret } from '@berth/ports';
import { checkFolder, keyLost, makeKey, readKey, type EncryptionKey } from './key-file.js';
import { parseSealed, seal, SealFault, unseal, type SealedVersion } from './sealed-file.js';
import { corrupt, translated } from './secret-faults.js';
import { VersionFolders, type Shelf } from './version-folders.js';

export interface LocalSecretsOptions {
  /** Holds everything, mode 0700; made when it is not there. */
  readonly folder: string;
  /** Default: `key` inside the folder. A file elsewhere keeps a copied folder unreadable. */
  readonly keyFile?: string;
}

const noVersion = 0;

/** Secrets as AES-256-GCM files in one folder, for one machine; any number of processes at once. */
export class LocalSecrets extends SecretStore {
  private constructor(
    private readonly folder: string,
    private readonly keyFile: string,
    private readonly folders: VersionFolders,
    private readonly key: EncryptionKey,
  ) {
    super();
  }

  /** Makes folder and key on first use. @throws `secrets-unsafe`, `secrets-unavailable` */
  static async open(options: LocalSecretsOptions): Promise<LocalSecrets> {
    const folder = path.resolve(options.folder);
    const keyFile = path.resolve(options.keyFile ?? path.join(folder, 'key'));
    const folders = new VersionFolders(folder);
    return translated(folder, async () => {
      await folders.prepare();
      await checkFolder(folder);
      let key = await readKey(keyFile);
      if (key === null) {
        // A new key beside old secrets would hide the loss until the first of them is needed.
        if (!(await folders.isEmpty())) throw keyLost(keyFile, 'is not there, but secrets are');
        key = await makeKey(keyFile, folders.tmp);
      }
      await folders.sweep(new Date());
      return new LocalSecrets(folder, keyFile, folders, key);
    });
  }

  async read<D extends object>(ref: SecretRef<D>): Promise<StoredSecret<D> | null> {
    return this.on(ref, async () => {
      const shelf = await this.folders.look(ref);
      const version = newestOf(shelf);
      if (shelf.life === null || shelf.removed.has(version)) return null;
      const found = await this.parse(ref, shelf.life, version, (sealed) => ({
        sealed,
        document: unseal(this.key, sealed) as D,
      }));
      if (found === null) return null;
      const { sealed, document } = found;
      return { ref, version, document, metadata: sealed.metadata, createdAt: new Date(sealed.createdAt) };
    });
  }

  async write<D extends object>(
    ref: SecretRef<D>,
    document: D,
    options: { readonly expectedVersion: number; readonly metadata: SecretMetadata },
  ): Promise<number> {
    const { expectedVersion, metadata } = options;
    return this.on(ref, async () => {
      const shelf = await this.folders.look(ref);
      const version = expectedVersion + 1;
      if (newestOf(shelf) === expectedVersion) {
        const contents = seal(this.key, { ref, version, metadata, document }, new Date());
        const added =
          shelf.life === null
            ? await this.folders.addFirst(ref, contents)
            : await this.folders.addNext(shelf.life, version, contents);
        if (added) return version;
      }
      throw secretConflict(ref, expectedVersion, newestOf(await this.folders.look(ref)));
    });
  }

  async newestVersion(ref: SecretRef<object>): Promise<number> {
    return this.on(ref, async () => newestOf(await this.folders.look(ref)));
  }

  async versions(ref: SecretRef<object>): Promise<readonly SecretVersion[]> {
    return this.on(ref, async () => {
      const { life, versions, removed } = await this.folders.look(ref);
      if (life === null) return [];
      const found = await Promise.all(versions.map((version) => this.parse(ref, life, version, (sealed) => sealed)));
      return found
        .filter((sealed) => sealed !== null)
        .map(({ version, metadata, createdAt }) => ({
          version,
          metadata,
          createdAt: new Date(createdAt),
          removed: removed.has(version),
        }))
        .reverse();
    });
  }

  async remove(ref: SecretRef<object>): Promise<void> {
    return this.on(ref, async () => {
      const shelf = await this.folders.look(ref);
      if (shelf.life !== null) await this.folders.markRemoved(shelf.life, newestOf(shelf));
    });
  }

  async destroy(ref: SecretRef<object>): Promise<void> {
    return this.on(ref, async () => this.folders.destroy(ref));
  }

  async list(prefix: string): Promise<readonly string[]> {
    const parent = prefix.replace(/\/+$/, '');
    return translated(this.folder, async () =>
      (await this.folders.list()).filter((ref) => parent === '' || ref === parent || ref.startsWith(`${parent}/`)),
    );
  }

  async check(): Promise<void> {
    return translated(this.folder, async () => {
      await checkFolder(this.folder);
      const now = await readKey(this.keyFile);
      if (now === null) throw keyLost(this.keyFile, 'is gone');
      if (now.id !== this.key.id) throw keyLost(this.keyFile, 'was replaced by another key while this process ran');
      await this.folders.prepare();
      await this.folders.sweep(new Date());
    });
  }

  private async on<T>(ref: SecretRef<object>, work: () => Promise<T>): Promise<T> {
    requireSecretRef(ref);
    return translated(this.folder, work);
  }

  /** Null: destroyed meanwhile. @throws `secret-corrupt` */
  private async parse<T>(
    ref: SecretRef<object>,
    life: string,
    version: number,
    use: (sealed: SealedVersion) => T,
  ): Promise<T | null> {
    const text = await this.folders.text(life, version);
    if (text === null) return null;
    try {
      return use(parseSealed(text, ref, version));
    } catch (thrown) {
      if (thrown instanceof SealFault) throw corrupt(ref, version, this.folders.fileOf(life, version), thrown.message);
      throw thrown;
    }
  }
}

function newestOf(shelf: Shelf): number {
  return shelf.versions.at(-1) ?? noVersion;
}
