import { BerthError } from '@berth/domain';
import { pino, type DestinationStream, type Logger } from 'pino';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Fields that are never written, wherever somebody puts them by mistake. Secrets are not passed to a log in the first place. */
const neverLogged = ['password', 'authorization', 'secret', 'verifier', 'url', 'key', 'connectionString'];

/** One line of JSON an event, to standard output. `name` is the process: `api`, `worker`. */
export function createLogger(
  options: { readonly name: string; readonly level: LogLevel },
  destination?: DestinationStream,
): Logger {
  const settings = {
    name: options.name,
    level: options.level,
    base: { name: options.name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: neverLogged.flatMap((field) => [field, `*.${field}`]), censor: '[secret]' },
    serializers: { err: describeError },
  };
  return destination === undefined ? pino(settings) : pino(settings, destination);
}

/** An error with its causes. A driver's own fields (the statement, its parameters) stay out: they may hold a tenant's data. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    ...(error instanceof BerthError && { code: error.code, details: error.details }),
    message: error.message,
    stack: error.stack,
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}
