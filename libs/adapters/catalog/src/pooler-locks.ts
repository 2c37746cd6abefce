import { BerthError, standstillMs } from '@berth/domain';
import type { CatalogDatabase, Statements } from './catalog-database.js';
import { serverErrorOf } from './translate-error.js';

/** Locks of one process at the same time: each holds a connection of the catalog, and who holds one needs another to go on. */
const mostHeld = 3;
/** How long a caller waits for somebody in another process, in ms. */
export const limitTheWait = 'SET LOCAL lock_timeout = 2000';
const lockNotAvailable = '55P03';

/**
 * The lock of a pooler is its row, locked in a transaction that does nothing else: it ends when the work ends, or with the
 * process, and a pooler that is being removed waits for it. A holder shows that it lives; one that is stopped loses the lock, and
 * what it still writes when it wakes is found by the clock's next round.
 */
export class PoolerLocks {
  #held = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly database: CatalogDatabase) {}

  /** @throws `pooler-not-found`, `pooler-busy` */
  async exclusively<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#held >= mostHeld) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#held += 1;
    try {
      return await this.#locked(id, work);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#held -= 1;
      else next();
    }
  }

  async #locked<T>(id: string, work: () => Promise<T>): Promise<T> {
    return await this.database.transaction(async (statements) => {
      await statements.rows(limitTheWait);
      const row = await statements.one('SELECT 1 FROM berth.poolers WHERE id = $1 FOR UPDATE', [id]).catch(busy(id));
      if (row === null) throw new BerthError('pooler-not-found', `There is no pooler ${id}.`);
      return await whileAlive(statements, work);
    });
  }
}

/** The work may take as long as it takes: the server ends a transaction that is silent for `standstillMs`. */
async function whileAlive<T>(statements: Statements, work: () => Promise<T>): Promise<T> {
  let sign: Promise<unknown> = Promise.resolve();
  const signs = setInterval(() => {
    // One after the other; that the lock is lost, the COMMIT tells.
    sign = sign.then(() => statements.rows('SELECT 1')).catch(() => undefined);
  }, standstillMs / 3);
  try {
    return await work();
  } finally {
    clearInterval(signs);
    await sign;
  }
}

/** What is thrown when the lock could not be had in time. */
export function busy(id: string): (thrown: unknown) => never {
  return (thrown) => {
    if (serverErrorOf(thrown)?.code !== lockNotAvailable) throw thrown;
    throw new BerthError('pooler-busy', `Somebody else has been working on the pooler ${id} for seconds.`, {
      hint: 'Another worker waits for it to answer; this is tried again.',
      cause: thrown,
    });
  };
}
