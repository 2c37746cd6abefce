import { BerthError } from '@berth/domain';
import { pino, type DestinationStream, type Logger } from 'pino';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Fields that are never written, wherever somebody puts them by mistake. Secrets are not passed to a log in the first place. */
const neverLogged = new Set(['password', 'authorization', 'secret', 'verifier', 'url', 'key', 'connectionString']);

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
    // Not pino's own `redact`: its wildcards cost each line more than writing it does, and look one level deep.
    formatters: { log: withoutSecrets },
    serializers: { err: describeError },
  };
  return destination === undefined ? pino(settings) : pino(settings, destination);
}

/** The fields of one line, at any depth. Errors pass: {@link describeError} takes what may be shown of them. */
function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (neverLogged.has(name)) shown[name] = '[secret]';
    else shown[name] = isPlain(value) ? withoutSecrets(value) : value;
  }
  return shown;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
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
