import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { BerthError } from '@berth/domain';
import { problemContentType, problemOf } from '../problem/problem.js';

/** How long a client may take to say what it wants, in ms. What is answered takes as long as it takes: a stream may last for hours. */
export interface ClientPatience {
  readonly headersMs: number;
  /** Headers and body. */
  readonly requestMs: number;
  /** How often it is looked at. */
  readonly checkMs: number;
}

/** A body of 256 KiB in a minute is 4 KiB a second: slower than any client that means it. */
export const usualPatience: ClientPatience = { headersMs: 20_000, requestMs: 60_000, checkMs: 5_000 };

/** For the server: without these a client that sends a byte now and then keeps its connection for ever. */
export function patientWith({ headersMs, requestMs, checkMs }: ClientPatience) {
  return {
    requestTimeout: requestMs,
    http: { headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: checkMs },
    clientErrorHandler: answerClientFault,
  };
}

/** What Node itself refuses, before there is a request: a problem too, written by hand as there is no reply to write it with. */
export function answerClientFault(fault: Error & { readonly code?: string }, socket: Socket): void {
  if (fault.code === 'ECONNRESET' || socket.destroyed) return;
  const problem = problemOf(errorOf(fault.code), randomUUID());
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${String(problem.status)} ${STATUS_CODES[problem.status] ?? ''}`,
    `Content-Type: ${problemContentType}`,
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    'Connection: close',
  ];
  if (socket.writable) socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  else socket.destroy();
}

function errorOf(code: string | undefined): BerthError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new BerthError('request-timeout', 'The request did not come to its end in time.');
  if (code === 'HPE_HEADER_OVERFLOW')
    return new BerthError('headers-too-large', 'The headers are larger than 16 KiB.', {
      hint: 'Lists of filters belong into several requests.',
    });
  return new BerthError('invalid-request', 'The request is no HTTP.');
}
