import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { BerthError } from '@berth/domain';
import { IdempotencyCatalog } from '@berth/ports';

const keyPattern = /^[\x21-\x7e]{1,255}$/;
/** The headers that belong to an answer, not to the request that got it. */
const keptHeaders = ['content-type', 'location', 'etag'] as const;

/**
 * The same Idempotency-Key with the same request gives the same answer, without doing it again. A key belongs to one API key
 * and one route. What failed on our side (5xx) is forgotten, so that it may be tried again.
 */
@Injectable()
export class IdempotentWrites {
  constructor(
    private readonly catalog: IdempotencyCatalog,
    private readonly log: Logger,
  ) {}

  /** Answers itself when the answer is kept. @throws BerthError `idempotency-key-reused`, `idempotency-key-in-use`, `invalid-request` */
  async begin(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const key = request.headers['idempotency-key'];
    const { caller, input } = request.berth;
    if (key === undefined || caller === undefined || input === undefined) return;
    if (typeof key !== 'string' || !keyPattern.test(key)) {
      throw new BerthError('invalid-request', 'Idempotency-Key: must be 1 to 255 printable characters without spaces');
    }
    const owner = `${caller.actor} ${request.method} ${request.routeOptions.url ?? ''}`;
    const began = await this.catalog.begin(key, owner, fingerprint(request, caller.fingerprintKey));
    if (began.kind === 'new') {
      request.berth.idempotency = { key, owner };
      return;
    }
    request.berth.unaudited = true;
    const { status, headers, body } = began.answer;
    void reply.code(status).headers(headers).header('idempotency-replayed', 'true');
    // A string goes out as it is: the very text of the first answer.
    return reply.send(typeof body === 'string' ? body : undefined);
  }

  async finish(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
    const held = request.berth.idempotency;
    if (held === undefined) return;
    request.berth.idempotency = undefined;
    try {
      if (reply.statusCode >= 500) await this.catalog.forget(held.key, held.owner);
      else await this.catalog.keep(held.key, held.owner, answerOf(request, reply, payload));
    } catch (error) {
      // The work is done and must be answered; the key stays in use until it expires.
      this.log.error({ requestId: request.id, err: error }, 'an idempotency key could not be settled');
    }
  }
}

function answerOf(request: FastifyRequest, reply: FastifyReply, payload: unknown) {
  const headers: Record<string, string> = {};
  for (const name of keptHeaders) {
    const value = reply.getHeader(name);
    if (typeof value === 'string') headers[name] = value;
  }
  const { bodyToKeep } = request.berth;
  // The text itself: a JSON column would give its fields back in another order.
  const body = bodyToKeep === undefined ? payload : JSON.stringify(bodyToKeep);
  return { status: reply.statusCode, headers, body: typeof body === 'string' && body !== '' ? body : null };
}

/** Of all that was asked. Keyed, as a body may hold a password: whoever reads the catalog cannot try guesses against the hash. */
function fingerprint(request: FastifyRequest, key: string): string {
  const asked = [request.url, request.headers['if-match'] ?? null, request.body ?? null];
  return createHmac('sha256', key).update(JSON.stringify(asked)).digest('hex');
}
