/** What kept an attempt from being made, or undid it. `conflict`: with another transaction of the product. */
export type RetryReason = 'fenced' | 'lost' | 'conflict';

/** Internal: nothing of the attempt remains, so it may be made again from its start. */
export class TryAgain extends Error {
  constructor(
    readonly reason: RetryReason,
    override readonly cause: unknown,
    /** Of the fence: where the tenant goes. */
    readonly goingTo: number | null = null,
  ) {
    super(reason);
  }
}
