import { type Connection, quoteLiteral } from '../connection/index.js';

const setting = 'berth.stream_password';

/**
 * 244 random bits, chosen by the server that will send them: its statements and their parameters may be written to its log, its answers are
 * not. The server knows them until the end of the transaction.
 */
export async function choosePassword(client: Connection): Promise<string> {
  const { rows } = await client.query<{ password: string }>(
    `SELECT set_config('${setting}', replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), true) AS password`,
  );
  return rows.map(({ password }) => password).join('');
}

/**
 * A line that is written while the statement runs (of a lock that it waits for, of its process that is ended) names it in its context. That is
 * left out where the login may say so; whoever grants that keeps the last place clean.
 */
const terse = `SELECT set_config('log_error_verbosity', 'terse', true)
  WHERE has_parameter_privilege('log_error_verbosity', 'SET')`;

/**
 * Runs `before '<connection with the password>' after`, which takes no parameters, out of a block: the server logs the block, however it logs, and
 * not what the block runs. An error is raised again, as the context of the first one would show the statement.
 */
export async function runWithPassword(
  client: Connection,
  before: string,
  connection: string,
  after = '',
): Promise<void> {
  await client.query(terse);
  await client.query(`DO $stream$
    DECLARE
      further text;
      advice text;
    BEGIN
      EXECUTE ${quoteLiteral(`${before} `)}
        || quote_literal(${quoteLiteral(`${connection} password=`)} || current_setting('${setting}'))
        || ${quoteLiteral(` ${after}`)};
    EXCEPTION WHEN OTHERS OR query_canceled THEN
      GET STACKED DIAGNOSTICS further = PG_EXCEPTION_DETAIL, advice = PG_EXCEPTION_HINT;
      RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM, DETAIL = further, HINT = advice;
    END $stream$`);
}
