import { BerthError, type Place } from '@berth/domain';
import { type Connection, quoteLiteral, quoteQualified, sqlStateOf } from '../connection/index.js';

/** Tries go on for as long. Each holds writers up for some ms only, and between two of them they all go on for as long as it took. */
const triesMs = 1_000;
/** Wait for a table while others are held already, in ms: longer than most transactions take, and more where that is not enough. */
const shortestWaitMs = 25;
const longestWaitMs = 100;
/** Of those who write by ways that cross nothing more is learnt: then it is a matter of luck, and some orders have more of it. */
const triesToLearn = 8;
/** Tells this end from that of a long transaction. */
const ways = 'ways that cross';

/**
 * Locks the tenant's tables: writers and other DDL wait, readers go on.
 *
 * A writer has changed one table and comes to the next. Who locks both in the other order holds the second and waits for the first,
 * and the writer for the second: neither comes on. Under load there is always such a writer. So the order is learnt from them: a table that does
 * not come soon, while others are held, is let go with all the others and is the first of the next try. Whoever waits for the first holds nothing that
 * a writer could want. All tries are one message, as each should hold writers up for its locks alone.
 *
 * Where some writers go one way and some the other, no order is theirs: it takes a moment in which none of one kind is on its way.
 *
 * @throws BerthError `lock-timeout` when a transaction keeps a table for longer than `timeoutMs`, or when no order did within a second
 */
export async function lockTables(
  client: Connection,
  place: Place,
  tables: readonly { readonly name: string }[],
  timeoutMs: number,
): Promise<void> {
  const [first, ...others] = tables.map(({ name }) => quoteQualified(place.schema, name));
  if (first === undefined) return;
  const firstMs = Math.max(1, Math.ceil(timeoutMs));
  // Without PL/pgSQL, which takes some ms of the writers' time for many tables: mostly this comes at once.
  const atOnce = [
    `SAVEPOINT locks; SET LOCAL statement_timeout = ${String(firstMs + triesMs)}`,
    `SET LOCAL lock_timeout = ${String(firstMs)}; ${lockOf([first])}`,
    ...(others.length === 0 ? [] : [`SET LOCAL lock_timeout = ${String(shortestWaitMs)}; ${lockOf(others)}`]),
  ];
  const after = `SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = ${String(firstMs)}; RELEASE locks`;
  const started = performance.now();
  try {
    await client.query([...atOnce, after].join('; '));
  } catch (error) {
    if (!isMissed(error)) throw error;
    if (performance.now() - started >= firstMs) throw lockTimeout(place, timeoutMs, error);
    await client.query('ROLLBACK TO locks');
    await client.query(`${inWritersOrder([first, ...others], firstMs)}; ${after}`).catch((thrown: unknown) => {
      throw isMissed(thrown) ? lockTimeout(place, timeoutMs, thrown) : thrown;
    });
  }
}

const lockOf = (names: readonly string[]): string => `LOCK TABLE ${names.join(', ')} IN SHARE ROW EXCLUSIVE MODE`;

function isMissed(error: unknown): boolean {
  return ['55P03', '57014', '40P01'].includes(sqlStateOf(error) ?? '');
}

function lockTimeout({ schema }: Place, timeoutMs: number, error: unknown): BerthError {
  const crossed = (error as { readonly detail?: string }).detail === ways;
  return new BerthError(
    'lock-timeout',
    crossed
      ? `The tables of ${schema} could not be locked: transactions of the tenant take them in ways that cross.`
      : `The tables of ${schema} could not be locked within ${String(timeoutMs)} ms: a transaction keeps one of them.`,
  );
}

/** Each try is a block of its own, so that what it locked is free when it fails. */
function inWritersOrder(names: readonly string[], firstMs: number): string {
  const tables = names.map((name) => quoteLiteral(name)).join(', ');
  return `DO $lock$
    DECLARE
      tables text[] := ARRAY[${tables}];
      ends timestamptz := clock_timestamp() + interval '${String(triesMs)} ms';
      wait_ms int := ${String(shortestWaitMs)};
      tries int := 0;
      wanted text;
    BEGIN
      LOOP
        BEGIN
          PERFORM set_config('lock_timeout', '${String(firstMs)}', true);
          FOREACH wanted IN ARRAY tables LOOP
            EXECUTE 'LOCK TABLE ' || wanted || ' IN SHARE ROW EXCLUSIVE MODE';
            IF wanted = tables[1] THEN PERFORM set_config('lock_timeout', wait_ms::text, true); END IF;
          END LOOP;
          EXIT;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
          IF wanted = tables[1] THEN RAISE; END IF;
          IF clock_timestamp() > ends THEN RAISE lock_not_available USING DETAIL = '${ways}'; END IF;
          tries := tries + 1;
          IF tries <= ${String(triesToLearn)} OR random() < 0.5 THEN tables := wanted || array_remove(tables, wanted); END IF;
          wait_ms := least(wait_ms + 5, ${String(longestWaitMs)});
          PERFORM pg_sleep(random() * wait_ms / 500.0);
        END;
      END LOOP;
    END $lock$`;
}
