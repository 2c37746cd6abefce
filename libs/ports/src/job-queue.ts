/** A queue without a processor in the worker does not compile. */
export const queueNames = ['operations'] as const;
export type QueueName = (typeof queueNames)[number];

/** Brings operations to workers. It may lose everything: the catalog's sweep finds what it lost. A job holds an id, nothing else. */
export abstract class JobQueue {
  /** Asks a worker to look at the operation after `delayMs`. Asking twice is harmless. @throws `queue-unavailable` */
  abstract enqueue(operationId: string, options?: { readonly delayMs?: number }): Promise<void>;

  /** Takes jobs until closed; `handle` never throws. */
  abstract work(
    handle: (operationId: string) => Promise<void>,
    options: { readonly concurrency: number },
  ): Promise<void>;

  /** Jobs waiting, running and delayed: a number for the metrics, not a truth. */
  abstract depth(): Promise<{ readonly waiting: number; readonly active: number; readonly delayed: number }>;

  /** Takes no further job and waits for the running ones. */
  abstract close(): Promise<void>;
}
