import { BerthError, type BerthErrorOptions, type ErrorCode } from '@berth/domain';
import { tlsFault } from './tls-fault.js';

export interface ErrorContext {
  readonly clusterId?: string;
  /** Set while connecting: whatever fails then means that the cluster cannot be reached. */
  readonly connecting?: boolean;
}

const socketCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

/** What `pg` says when the socket closed under it; these errors carry no code. */
const lostConnection = /connection terminated|connection error|timeout expired|client was closed|connection ended/i;

interface Translation {
  readonly code: ErrorCode;
  readonly options?: BerthErrorOptions;
}

/**
 * Any error of `pg` or of its socket as a BerthError. The message is the server's, without values: DETAIL, CONTEXT and the
 * statement are left out, since they quote rows and literals, and so is the original error (its stripped copy is the cause).
 */
export function translateError(thrown: unknown, context: ErrorContext = {}): BerthError {
  if (thrown instanceof BerthError) return thrown;
  const state = sqlStateOf(thrown);
  const where = context.clusterId === undefined ? '' : ` of cluster ${context.clusterId}`;
  const details = {
    ...(context.clusterId === undefined ? {} : { clusterId: context.clusterId }),
    ...(state === undefined ? {} : { sqlState: state }),
  };
  const cause = strippedCopy(thrown);
  const fault = tlsFault(thrown, `the PostgreSQL server${where}`);
  if (fault !== undefined) return new BerthError('cluster-tls', fault.message, { cause, details, hint: fault.hint });
  if (state === undefined) {
    const code = socketErrorCode(thrown, context);
    return new BerthError(code, `The PostgreSQL server${where} failed: ${cause.message}`, { cause, details });
  }
  const { code, options } = spentStreams(thrown) ?? bySqlState(state, context);
  return new BerthError(code, `PostgreSQL${where} answered: ${cause.message} (${state})`, {
    ...options,
    cause,
    details,
  });
}

function socketErrorCode(thrown: unknown, context: ErrorContext): ErrorCode {
  // The pool's words for "all my connections are in use".
  if (thrown instanceof Error && thrown.message.startsWith('timeout exceeded when trying to connect'))
    return 'cluster-busy';
  if (context.connecting === true) return 'cluster-unreachable';
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (socketCodes.has(code)) return code === 'ECONNREFUSED' ? 'cluster-unreachable' : 'database-unavailable';
  return thrown instanceof Error && lostConnection.test(thrown.message) ? 'database-unavailable' : 'database-error';
}

/**
 * What moves use up together: the servers' words for it are classes of their own (53300, 53400), and only the setting that is named tells
 * them from connections and files.
 */
function spentStreams(thrown: unknown): Translation | undefined {
  const { message, hint } = thrown as { readonly message: string; readonly hint?: string };
  const setting = /max_(?:wal_senders|replication_slots|active_replication_origins)/.exec(
    `${message} ${hint ?? ''}`,
  )?.[0];
  if (setting === undefined || !sqlStateOf(thrown)?.startsWith('53')) return undefined;
  const ways = `Complete the moves that have switched, as each keeps a slot, a sender and a worker of both servers until then; or raise ${setting}.`;
  return { code: 'cluster-busy', options: { hint: ways } };
}

function bySqlState(state: string, context: ErrorContext): Translation {
  // 25P03, 25P04: the server ended a session that did not go on in time.
  if (state.startsWith('08') || state.startsWith('57P0') || state === '25P03' || state === '25P04') {
    return { code: context.connecting === true ? 'cluster-unreachable' : 'database-unavailable' };
  }
  switch (state) {
    case '55P03':
      return { code: 'lock-timeout' };
    case '40P01':
    case '40001':
      // Two that cross: one that comes again and again is no work of somebody who ends.
      return { code: 'lock-timeout', options: { retry: 'backoff' } };
    case '53100':
      return {
        code: 'disk-full',
        options: { hint: 'Free space on the disk of the server, then start the operation again.' },
      };
    case '53300':
      return { code: 'cluster-busy', options: { hint: 'All connections of the server are in use.' } };
    case '28000':
    case '28P01':
      return { code: 'cluster-rights', options: { hint: 'Check the admin login of the cluster and its password.' } };
    case '42501':
      return { code: 'cluster-rights' };
    case '3D000':
      return {
        code: 'database-error',
        options: { hint: "The tenants' database is missing: prepare the cluster again." },
      };
    case '57014':
      return { code: 'database-error', options: { retry: 'backoff' } };
    default:
      // Out of memory, out of a configured limit: the next try may find room.
      return state.startsWith('53') ? { code: 'cluster-busy' } : { code: 'database-error' };
  }
}

/** The SQLSTATE of a server's error; undefined for everything else. */
export function sqlStateOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || !('severity' in thrown)) return undefined;
  return typeof thrown.code === 'string' && /^[0-9A-Z]{5}$/.test(thrown.code) ? thrown.code : undefined;
}

/** The message without what could be a secret or a tenant's value. */
export function safeMessage(thrown: unknown): string {
  const text = messageOf(thrown);
  const state = sqlStateOf(thrown);
  // Class 22 (data exception) quotes the value after the colon: invalid input syntax for type integer: "…".
  const withoutValue = state?.startsWith('22') === true ? text.replace(/: .*$/s, '') : text;
  return withoutValue
    .replace(/SCRAM-SHA-256\$[^\s'"]*/g, 'SCRAM-SHA-256$…')
    .replace(/(\w+:\/\/[^\s:/@]+):[^\s@]+@/g, '$1:…@')
    .replace(/(password\s+)'[^']*'/gi, "$1'…'");
}

function messageOf(thrown: unknown): string {
  // Node tries every address of a name and throws them together, with an empty message.
  if (thrown instanceof AggregateError) return thrown.errors.map(messageOf).join('; ');
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function strippedCopy(thrown: unknown): Error {
  const copy = new Error(safeMessage(thrown));
  copy.name = thrown instanceof Error ? thrown.name : 'Error';
  if (thrown instanceof Error && thrown.stack !== undefined) {
    copy.stack = [
      `${copy.name}: ${copy.message}`,
      ...thrown.stack.split('\n').filter((line) => /^\s+at /.test(line)),
    ].join('\n');
  }
  return copy;
}
