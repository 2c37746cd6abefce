import { secretRefPattern, type SecretRef, requireSecretRef, secretConflict } from '@berth/domain';
import { SecretStore, type SecretMetadata, type SecretVersion, type StoredSecret } from '@berth/ports';
import { at, numberAt, textAt } from './json-body.js';
import { KeyValueMount } from './key-value-mount.js';
import type { VaultLogin } from './log-in.js';
import { VaultClient } from './vault-client.js';
import { isConflict, refused, unavailable } from './vault-faults.js';
import type { VaultAddress } from './vault-messages.js';
import { VaultSession } from './vault-session.js';
import { packed, unpacked } from './version-data.js';

export interface VaultSecretsOptions extends VaultAddress {
  readonly login: VaultLogin;
  /** A KV store of version 2. */
  readonly mount: string;
  /** Folder in the mount; empty: none, so that a tenant's secret lies at `<mount>/tenants/<id>/db`. */
  readonly prefix: string;
}

type Ref = SecretRef<object>;

/**
 * Secrets in HashiCorp Vault, KV version 2. Nothing is asked of Vault before the first use: a process may start while it is
 * sealed. Vault keeps as many versions as the mount says (10, unless it was told otherwise), and counts on.
 */
export class VaultSecrets extends SecretStore {
  readonly #mount: KeyValueMount;

  constructor(options: VaultSecretsOptions) {
    super();
    const session = new VaultSession(new VaultClient(options), options.login);
    this.#mount = new KeyValueMount(session, options.mount, options.prefix);
  }

  async read<D extends object>(ref: SecretRef<D>): Promise<StoredSecret<D> | null> {
    requireSecretRef(ref);
    const body = await this.#mount.ask({ method: 'GET', path: this.#mount.path('data', ref) });
    if (body === null) return null;
    const { document, metadata } = unpacked(at(body, 'data', 'data'));
    const version = numberAt(body, 'data', 'metadata', 'version');
    const createdAt = new Date(textAt(body, 'data', 'metadata', 'created_time'));
    return { ref, version, document: document as D, metadata, createdAt };
  }

  async write<D extends object>(
    ref: SecretRef<D>,
    document: D,
    options: { readonly expectedVersion: number; readonly metadata: SecretMetadata },
  ): Promise<number> {
    requireSecretRef(ref);
    const { expectedVersion, metadata } = options;
    if (expectedVersion === 0) await this.#claim(ref, metadata);
    const request = {
      method: 'POST',
      path: this.#mount.path('data', ref),
      body: { options: { cas: expectedVersion }, data: packed(document, metadata) },
    } as const;
    const answer = await this.#mount.send(request);
    if (answer.status === 200) return numberAt(answer.body, 'data', 'version');
    if (isConflict(answer)) throw secretConflict(ref, expectedVersion, await this.newestVersion(ref));
    throw refused(answer, request);
  }

  async newestVersion(ref: Ref): Promise<number> {
    requireSecretRef(ref);
    return numberAt(await this.#metadataOf(ref), 'data', 'current_version');
  }

  /** The metadata of a removed version are removed with it: Vault gives nothing of its data. */
  async versions(ref: Ref): Promise<readonly SecretVersion[]> {
    requireSecretRef(ref);
    const listed = at(await this.#metadataOf(ref), 'data', 'versions') ?? {};
    const found = Object.entries(listed).map(async ([number, facts]) => {
      const version = Number(number);
      const removed = isRemoved(facts);
      const metadata = removed ? {} : await this.#metadataOfVersion(ref, version);
      return { version, metadata, createdAt: new Date(textAt(facts, 'created_time')), removed };
    });
    return (await Promise.all(found)).sort((one, other) => other.version - one.version);
  }

  async remove(ref: Ref): Promise<void> {
    requireSecretRef(ref);
    await this.#mount.ask({ method: 'DELETE', path: this.#mount.path('data', ref) });
  }

  async destroy(ref: Ref): Promise<void> {
    requireSecretRef(ref);
    await this.#mount.ask({ method: 'DELETE', path: this.#mount.path('metadata', ref) });
    if ((await this.#metadataOf(ref)) === null) return;
    throw unavailable(`The secret ${ref} is still in Vault after it was destroyed.`, 'backoff', { details: { ref } });
  }

  /** A path that was claimed and never written is listed too: nobody may say that nothing is left. */
  async list(prefix: string): Promise<readonly string[]> {
    const parent = prefix.replace(/\/+$/, '');
    if (parent === '') return [...(await this.#below(parent))].sort();
    if (!secretRefPattern.test(parent)) return [];
    // At the top of the mount Berth may only see names.
    const there = parent.includes('/')
      ? (await this.#metadataOf(parent as Ref)) !== null
      : (await this.#namesIn('')).includes(parent);
    return [...(there ? [parent] : []), ...(await this.#below(parent))].sort();
  }

  async check(): Promise<void> {
    await this.#mount.checkRights();
  }

  /**
   * Before the first version: from now on Vault refuses every write to this path that names no version, whoever sends it, and
   * tells people whose it is. What belongs to a version stays in the version.
   */
  async #claim(ref: Ref, { tenantId }: SecretMetadata): Promise<void> {
    await this.#mount.ask({
      method: 'POST',
      path: this.#mount.path('metadata', ref),
      body: {
        cas_required: true,
        custom_metadata: { managed_by: 'berth', ...(tenantId !== undefined && { tenant_id: tenantId }) },
      },
    });
  }

  async #metadataOf(ref: Ref): Promise<unknown> {
    return await this.#mount.ask({ method: 'GET', path: this.#mount.path('metadata', ref) });
  }

  async #metadataOfVersion(ref: Ref, version: number): Promise<SecretMetadata> {
    const path = `${this.#mount.path('data', ref)}?version=${String(version)}`;
    const body = await this.#mount.ask({ method: 'GET', path });
    return body === null ? {} : unpacked(at(body, 'data', 'data')).metadata;
  }

  async #below(folder: string): Promise<readonly string[]> {
    const names = await this.#namesIn(folder);
    const paths = names.map((name) => (folder === '' ? name : `${folder}/${name}`));
    const inside = await Promise.all(
      paths.map(async (path) => (path.endsWith('/') ? await this.#below(path.slice(0, -1)) : [path])),
    );
    return inside.flat();
  }

  /** With a slash behind those of folders. */
  async #namesIn(folder: string): Promise<readonly string[]> {
    const path = `${this.#mount.path('metadata', folder)}/?list=true`;
    const keys = at(await this.#mount.ask({ method: 'GET', path }), 'data', 'keys');
    return Array.isArray(keys) ? keys.map(String) : [];
  }
}

/** Removed by us or destroyed by hand; a time in the future is that of a version that deletes itself one day. */
function isRemoved(facts: unknown): boolean {
  const deletedAt = textAt(facts, 'deletion_time');
  return at(facts, 'destroyed') === true || (deletedAt !== '' && Date.parse(deletedAt) <= Date.now());
}
