/** What PostgreSQL, or the wire to it, tells us about a failure; by code and origin, never by words for people. */
interface Fault {
  readonly code?: unknown;
  readonly severity?: unknown;
  readonly message?: unknown;
  readonly detail?: unknown;
  readonly routine?: unknown;
}

/**
 * Berth's fence: the statement was refused before it did anything. Gives the generation to which the tenant is going, or null
 * for any other error: a read-only transaction has the same SQLSTATE and is the product's own business.
 */
export function fencedGeneration(error: unknown): number | null {
  const { code, message, detail } = (error ?? {}) as Fault;
  if (code !== '25006' || message !== 'tenant moved') return null;
  const found = typeof detail === 'string' ? /^generation (\d+)$/.exec(detail) : null;
  return found === null ? null : Number(found[1]);
}

/** PostgreSQL answered with an ERROR: the session lives, and the transaction, or the statement by itself, was rolled back. */
export function isRefusal(error: unknown): boolean {
  const { code, severity } = (error ?? {}) as Fault;
  return severity === 'ERROR' && typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
}

/**
 * The session was ended from outside (Berth closes an old place) while a statement of the extended protocol ran or before it
 * was read. PostgreSQL looks for that only where it then aborts what is open: nothing was committed. Poolers' own words are not
 * meant: they name no routine of the server.
 */
export function wasTerminated(error: unknown): boolean {
  const { code, severity, routine } = (error ?? {}) as Fault;
  return code === '57P01' && severity === 'FATAL' && routine === 'ProcessInterrupts';
}

/** Not to be seen again by the next statement: any failure that is no plain refusal. */
export function isLost(error: unknown): boolean {
  if (isRefusal(error)) return false;
  const { code, severity, message } = (error ?? {}) as Fault;
  if (severity === 'FATAL' || severity === 'PANIC') return true;
  if (typeof code === 'string' && wireCodes.has(code)) return true;
  return typeof message === 'string' && wireMessages.test(message);
}

const wireCodes: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** `pg` has no codes for these. */
const wireMessages =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired)/;

/** Serialization failure and deadlock: PostgreSQL rolled back so that the transaction may be repeated. */
export function isConflict(error: unknown): boolean {
  const { code } = (error ?? {}) as Fault;
  return code === '40001' || code === '40P01';
}

/** Why a connection was not made. All of them are safe to try again: nothing was sent. */
export type ConnectFault = 'login-closed' | 'login-refused' | 'full' | 'unreachable';

export function connectFaultOf(error: unknown): ConnectFault {
  const { code } = (error ?? {}) as Fault;
  switch (code) {
    // "role … is not permitted to log in": its logins are closed.
    case '28000':
      return 'login-closed';
    // Another password, or a role or database that is gone, or that may not be entered any more.
    case '28P01':
    case '3D000':
    case '42501':
      return 'login-refused';
    // The server's limit, or that of the login.
    case '53300':
      return 'full';
    default:
      return 'unreachable';
  }
}
