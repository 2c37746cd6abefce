import type { SecretRef } from '@berth/domain';

/** Facts beside a secret, readable without it. `operationId` tells a repeated step that the write is its own. */
export interface SecretMetadata {
  readonly tenantId?: string;
  readonly generation?: number;
  readonly operationId?: string;
}

export interface StoredSecret<D> {
  readonly ref: SecretRef<D>;
  /** 1 for the first; grows with each write, also after a removal. */
  readonly version: number;
  readonly document: D;
  readonly metadata: SecretMetadata;
  readonly createdAt: Date;
}

export interface SecretVersion {
  readonly version: number;
  readonly metadata: SecretMetadata;
  readonly createdAt: Date;
  readonly removed: boolean;
}

/** Versioned secrets with check-and-set: HashiCorp Vault's KV v2 in our own words. */
export abstract class SecretStore {
  /** The newest version, or null when there is none or it was removed. @throws `secrets-unavailable` */
  abstract read<D extends object>(ref: SecretRef<D>): Promise<StoredSecret<D> | null>;

  /**
   * Writes the next version if the newest one is `expectedVersion` (0: none was ever written), and returns its number.
   * @throws `secret-conflict` whose details hold `expectedVersion` and `foundVersion`
   */
  abstract write<D extends object>(
    ref: SecretRef<D>,
    document: D,
    options: { readonly expectedVersion: number; readonly metadata: SecretMetadata },
  ): Promise<number>;

  /** Number of the newest version, removed or not; 0 when none was ever written. What `expectedVersion` is compared with. */
  abstract newestVersion(ref: SecretRef<object>): Promise<number>;

  /** All versions, newest first, without their documents. */
  abstract versions(ref: SecretRef<object>): Promise<readonly SecretVersion[]>;

  /** Marks the newest version as removed; `read` answers null. Removing what is removed or absent is no error. */
  abstract remove(ref: SecretRef<object>): Promise<void>;

  /** Destroys every version and the metadata beyond recovery. Convergent. */
  abstract destroy(ref: SecretRef<object>): Promise<void>;

  /** Refs below a prefix that have versions (removed ones too), sorted. For reading back that nothing is left. */
  abstract list(prefix: string): Promise<readonly string[]>;

  /** Fails with the reason when the store cannot serve. @throws `secrets-unavailable`, `secrets-unsafe` */
  abstract check(): Promise<void>;
}
