import type { ReplicationStream } from '@berth/domain';

/** How far one end of a stream is behind the other in time. In bytes {@link TenantReplication.state} tells it. */
export abstract class StreamLag {
  /**
   * Sends a marker and answers with how long it took from its commit until it was to be seen at `to`; where it has not come within
   * `timeoutMs`, with how long the oldest one has been on its way. Not while somebody takes a moment of both ends, who would have
   * to take it again, and never within a switch. @throws `stream-lost`
   */
  abstract measure(
    stream: ReplicationStream,
    options: { readonly timeoutMs: number },
  ): Promise<{ readonly ms: number }>;
}
