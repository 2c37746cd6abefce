import type { QueryResult, QueryResultRow } from 'pg';
import { fencedGeneration, isConflict, isLost, isRefusal, wasTerminated } from './connections/pg-faults.js';
import type { Lease } from './connections/lease.js';
import { AmbiguousCommitError, TransactionMisusedError } from './errors.js';
import { reasonOf } from './pause.js';
import { TryAgain } from './try-again.js';

/** One SQL statement. With a name it is prepared once a connection. */
export interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly name?: string;
}

export interface QueryOptions {
  /** Whether doing it twice is as good as once, as for every read: then it is also repeated when the connection is lost. */
  readonly idempotent?: boolean;
  /** Ends the waiting, and cuts the connection of a statement that runs. */
  readonly signal?: AbortSignal;
}

/** These may commit in their middle, so a refusal does not tell that nothing was done. */
const commitsByItself = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(?:call|do)\b/i;

/**
 * Runs one statement by itself, by the extended protocol: that takes no second statement, so it is done wholly or not at all.
 * @throws TryAgain, AmbiguousCommitError, TransactionMisusedError, the signal's reason, what PostgreSQL says
 */
export async function runStatement<Row extends QueryResultRow>(
  tenantId: string,
  lease: Lease,
  statement: Statement,
  options: QueryOptions,
): Promise<QueryResult<Row>> {
  const { connection } = lease;
  const { signal } = options;
  const cut = (): void => connection.cut();
  signal?.addEventListener('abort', cut, { once: true });
  try {
    const values = statement.values as unknown[] | undefined;
    const { text, name } = statement;
    const query = { text, queryMode: 'extended', ...(values && { values }), ...(name !== undefined && { name }) };
    const result = await connection.client.query<Row>(query);
    if (connection.client.getTransactionStatus() === 'I') return result;
  } catch (error) {
    connection.note(error);
    if (signal?.aborted === true) throw reasonOf(signal);
    throw meaningOf(tenantId, statement, error, options.idempotent === true);
  } finally {
    signal?.removeEventListener('abort', cut);
    lease.release();
  }
  connection.breakOff();
  throw new TransactionMisusedError(
    tenantId,
    'query() runs one statement by itself; for a transaction use withTransaction().',
  );
}

function meaningOf(tenantId: string, { text }: Statement, error: unknown, idempotent: boolean): unknown {
  const goingTo = fencedGeneration(error);
  const whole = idempotent || !commitsByItself.test(text);
  if (goingTo !== null && whole) return new TryAgain('fenced', error, goingTo);
  if (isConflict(error) && whole) return new TryAgain('conflict', error);
  if (isRefusal(error) && whole) return error;
  if (isRefusal(error) && goingTo === null && !isConflict(error)) return error;
  if (isLost(error) && (idempotent || wasNeverSent(error) || (whole && wasTerminated(error))))
    return new TryAgain('lost', error);
  if (!isLost(error) && goingTo === null && !isConflict(error)) return error;
  const message = `Whether the statement for tenant ${tenantId} was executed is not known: the connection was lost meanwhile.`;
  return new AmbiguousCommitError(tenantId, message, { cause: error });
}

/** `pg` found the connection dead before it wrote a byte. */
export function wasNeverSent(error: unknown): boolean {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' && /^(Client has encountered a connection error|Client was closed)/.test(message);
}
