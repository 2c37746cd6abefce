import type { AttemptOutcome, ClusterAccess, Place, TenantId, TenantSecret } from '@berth/domain';

/** A tenant's place with the very credentials that its clients use. */
export interface IsolationLogin {
  readonly place: Place;
  readonly secret: TenantSecret;
}

/** Whom is tried to be reached; `login` null: it has none that is open. */
export interface IsolationTarget {
  readonly place: Place;
  readonly login: IsolationLogin | null;
}

/** A pooler as clients reach it: the tenant's id is the name of its database there. */
export type IsolationPooler = Pick<ClusterAccess, 'host' | 'port' | 'sslMode' | 'ca'>;

/**
 * Tries with one tenant's own credentials to reach other tenants of its cluster. Harmless: whatever succeeds is rolled back or only
 * read, nothing that others wrote is run, no statement and no lock is waited for long, and the tenant keeps a connection to spare.
 */
export abstract class IsolationProber {
  /**
   * An outcome for each target and each attempt of that way (`attemptsBy`). A server that refuses, breaks or is away is an outcome
   * too. @throws whatever `signal` was aborted with
   */
  abstract tryAll(
    from: IsolationLogin,
    targets: readonly IsolationTarget[],
    options: {
      /** Null: directly. */
      readonly pooler: IsolationPooler | null;
      /** After so many ms no further target is begun; what is left is not tried. */
      readonly forMs: number;
      readonly signal: AbortSignal;
    },
  ): Promise<ReadonlyMap<TenantId, readonly AttemptOutcome[]>>;
}
