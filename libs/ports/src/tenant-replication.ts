import type { Actor, Finding, ReplicationStream, RowIdentities, StreamState, StreamUse } from '@berth/domain';

/**
 * Streams of changes between two places of a tenant, each made of a publication and a slot at one end and a subscription at the
 * other. A stream carries rows only: no definitions, no sequences. What came by a stream is never sent on by another one.
 */
export abstract class TenantReplication {
  /**
   * Everything that would keep the stream from being made or from being whole, at both ends, at once, each with its remedy.
   * `identities` are the operator's choices for tables without a usable key. `ends`: `from` while the other one is still to be made.
   * Read-only.
   */
  abstract preflight(
    stream: ReplicationStream,
    identities: RowIdentities,
    ends?: 'both' | 'from',
  ): Promise<readonly Finding[]>;

  /**
   * Offers all tables of the place `from`, and sets the identities that were chosen there. Convergent; refuses when tables came
   * or went since the first time. @throws `schema-changed`, `preflight-failed`
   */
  abstract publish(stream: ReplicationStream, identities: RowIdentities, actor: Actor): Promise<void>;

  /**
   * Changes that are committed at `from` are kept from now on until they have been applied. Waits for every open write
   * transaction of the whole server. Convergent. @throws `lock-timeout` that names who holds the oldest transaction (nothing kept)
   */
  abstract keepChanges(stream: ReplicationStream, actor: Actor, options: { readonly timeoutMs: number }): Promise<void>;

  /**
   * Applies kept and later changes at `to`, as the owner of the tables and past their fence. Convergent. A stream that is made to
   * `lead-back` may bring nothing but its markers until {@link TenantSwitch.turn}, where its servers cannot tell what came by the other one.
   */
  abstract follow(stream: ReplicationStream, actor: Actor, use?: StreamUse): Promise<void>;

  /**
   * Waits until everything that was committed at `from` before the call is to be seen at `to`; answers with how long that took.
   * @throws `stream-stalled` after `timeoutMs`, `stream-lost` when the server threw away what was kept
   */
  abstract awaitApplied(
    stream: ReplicationStream,
    options: { readonly timeoutMs: number },
  ): Promise<{ readonly ms: number }>;

  abstract state(stream: ReplicationStream): Promise<StreamState>;

  /** Applies nothing for the time being; `follow` goes on with what was kept. Convergent. */
  abstract pause(stream: ReplicationStream, actor: Actor): Promise<void>;

  /** Takes every trace of the stream away from both ends, and gives the tables the identities back that they had. Convergent. */
  abstract remove(stream: ReplicationStream, actor: Actor): Promise<void>;

  /** What of the stream is still there, at the ends that are asked, as sentences that name the cluster; empty when it is gone. Read-only. */
  abstract leftovers(stream: ReplicationStream, ends?: 'both' | 'from' | 'to'): Promise<readonly string[]>;
}
