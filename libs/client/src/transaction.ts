import type { Lease } from './connections/lease.js';
import { StaleLease } from './connections/lease.js';
import { fencedGeneration, isConflict, isLost, isRefusal } from './connections/pg-faults.js';
import { AmbiguousCommitError, TransactionMisusedError } from './errors.js';
import { reasonOf } from './pause.js';
import { SessionGuard, type TenantClient } from './tenant-client.js';
import { TryAgain } from './try-again.js';

export interface TransactionOptions {
  /** Default: what the login is set to, `read committed` if nobody changed it. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** Only reads: PostgreSQL refuses writes, and a lost COMMIT is no riddle. */
  readonly readOnly?: boolean;
  /** Whether doing it twice is as good as once: then it is repeated also when its COMMIT was lost. */
  readonly idempotent?: boolean;
  /**
   * Looks whether the transaction was committed, when that is not known: for the mark of its own that it left, for example the
   * key of a row. Asked when its session has ended; `false` repeats the transaction.
   */
  readonly isCommitted?: (client: TenantClient) => Promise<boolean>;
  /** Ends the waiting, and cuts the connection before COMMIT; COMMIT itself is awaited. */
  readonly signal?: AbortSignal;
}

/** Internal: COMMIT was sent and not answered. */
export class CommitUnknown extends Error {
  constructor(
    readonly result: unknown,
    override readonly cause: unknown,
    /** Of the session that may still be at it. */
    readonly processId: number | null,
    readonly generation: number,
  ) {
    super('commit unknown');
  }
}

/**
 * One attempt: BEGIN, the work, COMMIT.
 * @throws TryAgain and StaleLease (nothing remains of it), CommitUnknown, TransactionMisusedError, what the work throws
 */
export async function runTransaction<T>(
  tenantId: string,
  lease: Lease,
  work: (client: TenantClient) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const { connection } = lease;
  const { signal } = options;
  const guard = new SessionGuard(tenantId, lease, 'transaction');
  const cut = (): void => connection.cut();
  signal?.addEventListener('abort', cut, { once: true });
  try {
    await connection.client.query(beginWords(options)).catch((error: unknown) => {
      connection.note(error);
      throw isLost(error) ? new TryAgain('lost', error) : error;
    });
    const result = await ofWork(guard, work);
    signal?.removeEventListener('abort', cut);
    if (signal?.aborted === true) throw reasonOf(signal);
    await commit(tenantId, lease, guard, result);
    return result;
  } catch (error) {
    if (signal?.aborted === true && !(error instanceof CommitUnknown)) throw reasonOf(signal);
    throw error;
  } finally {
    signal?.removeEventListener('abort', cut);
    guard.end();
    lease.release();
  }
}

/** What the work throws tells less than what its statements met: object mappers wrap errors. */
async function ofWork<T>(guard: SessionGuard, work: (client: TenantClient) => Promise<T>): Promise<T> {
  try {
    return await work(guard.client);
  } catch (error) {
    await guard.rollBack();
    throw guard.misuse ?? repeatable(guard.failure) ?? error;
  }
}

async function commit(tenantId: string, lease: Lease, guard: SessionGuard, result: unknown): Promise<void> {
  const { connection } = lease;
  if (guard.misuse !== null) {
    await guard.rollBack();
    throw guard.misuse;
  }
  if (connection.broken) throw repeatable(guard.failure) ?? new TryAgain('lost', guard.failure);
  const { processID } = connection.client as unknown as { readonly processID: number | null };
  const answer = await connection.client.query('COMMIT').catch((error: unknown) => {
    connection.note(error);
    // Refused: by a deferred constraint, for example. It was rolled back.
    if (isRefusal(error)) throw repeatable(error) ?? error;
    throw new CommitUnknown(result, error, processID, lease.generation);
  });
  // PostgreSQL answers the COMMIT of a failed transaction with its ROLLBACK, and with no error.
  if (answer.command === 'COMMIT') return;
  throw (
    repeatable(guard.failure) ??
    new TransactionMisusedError(
      tenantId,
      'A statement of the transaction failed and its error was hidden, so PostgreSQL rolled it back. Use a savepoint around what may fail.',
      { cause: guard.failure },
    )
  );
}

/** A failure after which the transaction may be made again, as an internal error; null for any other. */
function repeatable(failure: unknown): Error | null {
  if (failure instanceof StaleLease) return failure;
  const goingTo = fencedGeneration(failure);
  if (goingTo !== null) return new TryAgain('fenced', failure, goingTo);
  if (isConflict(failure)) return new TryAgain('conflict', failure);
  return isLost(failure) ? new TryAgain('lost', failure) : null;
}

function beginWords({ isolation, readOnly }: TransactionOptions): string {
  const level = isolation === undefined ? '' : ` ISOLATION LEVEL ${isolation.toUpperCase()}`;
  return `BEGIN${level}${readOnly === true ? ' READ ONLY' : ''}`;
}

export function ambiguous(tenantId: string, { cause }: CommitUnknown, why = ''): AmbiguousCommitError {
  const message =
    `Whether the transaction of tenant ${tenantId} was committed is not known: the connection was lost during COMMIT${why}. ` +
    'Look for what it would have written before you repeat it.';
  return new AmbiguousCommitError(tenantId, message, { cause });
}
