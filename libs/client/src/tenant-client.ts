import type { ClientBase } from 'pg';
import type { Lease } from './connections/lease.js';
import { StaleLease } from './connections/lease.js';
import { fencedGeneration } from './connections/pg-faults.js';
import { TransactionMisusedError } from './errors.js';

/** A session of the tenant for the time of one function. `query` is that of a `pg` client, as object mappers want it. */
export interface TenantClient {
  readonly tenantId: string;
  /** Of the placement that it works at. */
  readonly generation: number;
  readonly query: ClientBase['query'];
}

const comments = String.raw`(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*`;
const control = new RegExp(
  `^${comments}(?:begin|start\\s+transaction|commit|end|rollback(?!\\s+(?:work\\s+|transaction\\s+)?to\\b)|abort|prepare\\s+transaction)\\b`,
  'i',
);

type Returned = Promise<unknown> | object | undefined;

/** What the function gets, and what we keep of what its statements met. */
export class SessionGuard {
  readonly client: TenantClient;
  #ended = false;
  /** The newest failure that a later success did not follow, or that ended the session. */
  failure: unknown = null;
  misuse: TransactionMisusedError | null = null;
  /** It prepared statements under names that `pg` remembers and DISCARD ALL forgets. */
  named = false;

  constructor(
    private readonly tenantId: string,
    private readonly lease: Lease,
    private readonly kind: 'transaction' | 'session',
  ) {
    const query = (...args: readonly unknown[]): Returned => this.#query(args);
    this.client = { tenantId, generation: lease.generation, query: query as ClientBase['query'] };
  }

  /** From here on the client is refused: it may be somebody else's already. */
  end(): void {
    this.#ended = true;
  }

  async rollBack(): Promise<void> {
    const { connection } = this.lease;
    if (connection.broken) return;
    const answer = await connection.client.query('ROLLBACK').catch((error: unknown) => connection.note(error));
    if (answer === undefined) connection.breakOff();
  }

  #query(args: readonly unknown[]): Returned {
    const { connection } = this.lease;
    const [first] = args as readonly [{ readonly text?: unknown; readonly name?: unknown } | string | undefined];
    const text = typeof first === 'string' ? first : first?.text;
    if (this.#ended)
      return this.#refuse(`The client of tenant ${this.tenantId} was used after its function had ended.`);
    if (this.kind === 'transaction') {
      if (typeof text === 'string' && control.test(text)) {
        return this.#refuse('withTransaction() begins and ends the transaction itself; use savepoints inside.');
      }
      if (this.lease.isStale()) return this.#fail(new StaleLease());
    }
    if (typeof first === 'object' && first.name !== undefined) this.named = true;
    const send = connection.client.query.bind(connection.client) as unknown as (
      ...given: readonly unknown[]
    ) => Returned;
    const returned = send(...args);
    return returned instanceof Promise ? this.#watched(returned) : returned;
  }

  async #watched(result: Promise<unknown>): Promise<unknown> {
    const { connection } = this.lease;
    try {
      const answer = await result;
      this.failure = null;
      if (this.kind === 'transaction' && connection.client.getTransactionStatus() === 'I') {
        connection.breakOff();
        return await this.#refuse('The work ended the transaction of withTransaction() in the middle of a statement.');
      }
      return answer;
    } catch (error) {
      connection.note(error);
      // A transaction that failed answers all that follows with 25P02: what came before it is the reason.
      const { code } = error as { readonly code?: unknown };
      if (code !== '25P02' || this.failure === null) this.failure = error;
      throw error;
    }
  }

  #refuse(message: string): Promise<never> {
    const misuse = new TransactionMisusedError(this.tenantId, message);
    // Mappers answer a failure with a ROLLBACK of their own: the failure is what counts then.
    if (!this.#ended && this.failure === null) this.misuse = misuse;
    return Promise.reject(misuse);
  }

  #fail(error: Error): Promise<never> {
    this.failure = error;
    return Promise.reject(error);
  }
}

/** Whether a function's own error comes from the fence, however its mapper wrapped it. */
export function fenceBehind(guard: SessionGuard): number | null {
  return fencedGeneration(guard.failure);
}
