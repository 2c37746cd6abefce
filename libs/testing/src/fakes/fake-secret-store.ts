import { BerthError, secretRefPattern, type SecretRef } from '@berth/domain';
import { SecretStore, type SecretMetadata, type SecretVersion, type StoredSecret } from '@berth/ports';

interface FakeVersion {
  /** As text: a caller that goes on changing its object changes nothing here. */
  readonly text: string;
  readonly metadata: SecretMetadata;
  readonly createdAt: Date;
  removed: boolean;
}

/** Secrets in memory, true to the contract; `unavailable` makes every call fail as a store that is down does. */
export class FakeSecretStore extends SecretStore {
  unavailable: string | null = null;
  private readonly secrets = new Map<string, FakeVersion[]>();

  async read<D extends object>(ref: SecretRef<D>): Promise<StoredSecret<D> | null> {
    const versions = this.at(ref);
    const newest = versions.at(-1);
    if (newest === undefined || newest.removed) return null;
    const { metadata, createdAt } = newest;
    return { ref, version: versions.length, document: JSON.parse(newest.text) as D, metadata, createdAt };
  }

  async write<D extends object>(
    ref: SecretRef<D>,
    document: D,
    options: { readonly expectedVersion: number; readonly metadata: SecretMetadata },
  ): Promise<number> {
    const versions = this.at(ref);
    const { expectedVersion, metadata } = options;
    if (versions.length !== expectedVersion) {
      throw new BerthError('secret-conflict', `The secret ${ref} is at version ${String(versions.length)}.`, {
        details: { ref, expectedVersion, foundVersion: versions.length },
      });
    }
    const version: FakeVersion = {
      text: JSON.stringify(document),
      metadata: { ...metadata },
      createdAt: new Date(),
      removed: false,
    };
    this.secrets.set(ref, [...versions, version]);
    return expectedVersion + 1;
  }

  async newestVersion(ref: SecretRef<object>): Promise<number> {
    return this.at(ref).length;
  }

  async versions(ref: SecretRef<object>): Promise<readonly SecretVersion[]> {
    return this.at(ref)
      .map(({ metadata, createdAt, removed }, index) => ({ version: index + 1, metadata, createdAt, removed }))
      .reverse();
  }

  async remove(ref: SecretRef<object>): Promise<void> {
    const newest = this.at(ref).at(-1);
    if (newest !== undefined) newest.removed = true;
  }

  async destroy(ref: SecretRef<object>): Promise<void> {
    this.at(ref);
    this.secrets.delete(ref);
  }

  async list(prefix: string): Promise<readonly string[]> {
    this.fail();
    const parent = prefix.replace(/\/+$/, '');
    return [...this.secrets.keys()]
      .filter((ref) => parent === '' || ref === parent || ref.startsWith(`${parent}/`))
      .sort();
  }

  async check(): Promise<void> {
    this.fail();
  }

  private at(ref: SecretRef<object>): readonly FakeVersion[] {
    if (!secretRefPattern.test(ref)) throw new BerthError('invalid-name', 'That is no name for a secret.');
    this.fail();
    return this.secrets.get(ref) ?? [];
  }

  private fail(): void {
    if (this.unavailable !== null) throw new BerthError('secrets-unavailable', this.unavailable);
  }
}
