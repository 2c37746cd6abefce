import { isNativeError } from 'node:util/types';
import { BerthError } from '@berth/domain';
import { QueryFailedError } from 'typeorm';

/** What a server error says besides its message. */
export interface ServerError {
  readonly code: string;
  readonly constraint?: string;
  readonly message: string;
}

/** The server's error inside what TypeORM or the driver threw; null when the server said nothing. */
export function serverErrorOf(thrown: unknown): ServerError | null {
  const error: unknown = thrown instanceof QueryFailedError ? thrown.driverError : thrown;
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null;
  return error as Error & ServerError;
}

/** Class 08 connection, 53 resources, 57P0x shutdown and crash, 40 rollback (deadlock), 25006 a server that was demoted, 25P03 a transaction that stood still. */
const passing = /^(08|53|57P0|40)|^25006$|^25P03$/;

/**
 * Any error of the catalog as a BerthError: gone, restarting or overloaded is `catalog-unavailable` and tried again later,
 * everything else a defect of ours. DETAIL and the statement are left out, since they quote rows.
 */
export function translateError(thrown: unknown): Error {
  // Our own errors pass, those of the journal too: they are no errors of the database.
  if (thrown instanceof BerthError || (thrown instanceof Error && thrown.name === 'LeaseLost')) return thrown;
  const server = serverErrorOf(thrown);
  if (server !== null && !passing.test(server.code)) {
    return new BerthError('internal', `The catalog refused a statement: ${server.message} (${server.code})`, {
      details: { sqlState: server.code },
      cause: thrown,
    });
  }
  if (server === null && isTlsError(thrown)) {
    return new BerthError('catalog-unavailable', `The catalog is not reached by TLS: ${messageOf(thrown)}`, {
      hint: 'Compare sslmode and sslrootcert in the URL of the catalog with its server, and its certificate with the host.',
      cause: thrown,
    });
  }
  if (server === null && !isConnectionError(thrown)) {
    return thrown instanceof Error ? thrown : new BerthError('internal', String(thrown));
  }
  return new BerthError('catalog-unavailable', `The catalog cannot be reached: ${messageOf(thrown)}`, {
    hint: 'Start the catalog’s PostgreSQL server, or look at its log; Berth goes on by itself.',
    cause: thrown,
  });
}

const socketCodes =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT)$/;

function isConnectionError(thrown: unknown): boolean {
  const error: unknown = thrown instanceof QueryFailedError ? thrown.driverError : thrown;
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  // Not `instanceof`: a socket's error is of Node's own realm, which need not be the caller's.
  if (!isNativeError(error)) return false;
  if ('code' in error && socketCodes.test(String(error.code))) return true;
  // `pg` and TypeORM give these no code: the socket closed under or between statements, or no connection became free in time.
  return /connection terminated|query runner already released|timeout exceeded when trying to connect|not queryable|client was closed|connection ended|driver not connected|after calling end on the pool/i.test(
    error.message,
  );
}

/** A certificate that is not trusted, has run out, or is made out to another name; or a server without TLS. */
function isTlsError(thrown: unknown): boolean {
  return isNativeError(thrown) && /certificate|does not support SSL/i.test(thrown.message);
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) return thrown.errors.map(messageOf).join('; ');
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.replace(/(\w+:\/\/[^\s:/@]+):[^\s@]+@/g, '$1:…@');
}
