import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authentication } from '../access/authenticate.js';
import type { AuditTrail } from '../audit/audit-trail.js';
import type { IdempotentWrites } from '../idempotency/idempotent-writes.js';
import type { RequestTelemetry } from '../telemetry/request-telemetry.js';
import { Answer } from './answer.js';
import { etagOf, matches } from './etag.js';
import { newRequestContext } from './request-context.js';
import { validate } from './validate.js';

export interface PipelineParts {
  readonly authentication: Authentication;
  readonly idempotency: IdempotentWrites;
  readonly audit: AuditTrail;
  readonly telemetry: RequestTelemetry;
}

/**
 * What happens to every request, in this order: who asks and how often, what is asked (all of it at once), was it asked before;
 * the handler; its answer as status and headers; ETag, the kept answer, the audit entry; the log line. Hooks of Fastify rather
 * than guards and interceptors of Nest: they also see what no route takes, and cost a tenth.
 */
export function installPipeline(server: FastifyInstance, parts: PipelineParts): void {
  server.decorateRequest('berth');
  server.addHook('onRequest', (request, reply, done) => {
    request.berth = newRequestContext();
    void reply.header('x-request-id', request.id);
    done();
  });
  server.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.config.berth;
    if (route !== undefined) await parts.authentication.admit(request, reply, route);
  });
  server.addHook('preHandler', (request, _reply, done) => {
    const { caller } = request.berth;
    const description = request.routeOptions.config.berth?.description;
    if (caller !== undefined && description !== undefined) {
      try {
        request.berth.input = validate(description, request, caller);
      } catch (error) {
        done(error as Error);
        return;
      }
    }
    done();
  });
  // Writes only, and by callback: an asynchronous hook would cost every read a turn of the queue.
  server.addHook('preHandler', (request, reply, done) => {
    if (!isWrite(request)) {
      done();
      return;
    }
    parts.idempotency.begin(request, reply).then(() => {
      if (!reply.sent) done();
    }, done);
  });
  server.addHook('preSerialization', (request, reply, payload, done) => {
    done(null, payload instanceof Answer ? unpack(payload, request, reply) : payload);
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    done(null, request.method === 'GET' ? withEtag(request, reply, payload) : payload);
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    if (!isWrite(request)) {
      done(null, payload);
      return;
    }
    const settle = async (): Promise<void> => {
      await parts.idempotency.finish(request, reply, payload);
      await parts.audit.record(request, reply);
    };
    settle().then(() => {
      done(null, payload);
    }, done);
  });
  server.addHook('onResponse', (request, reply, done) => {
    parts.telemetry.record(request, reply);
    done();
  });
}

function isWrite(request: FastifyRequest): boolean {
  return request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'OPTIONS';
}

function unpack(answer: Answer, request: FastifyRequest, reply: FastifyReply): object | null {
  const { headers, version, tenantId, operationId } = answer.facts;
  void reply.code(answer.status);
  if (headers !== undefined) void reply.headers(headers);
  request.berth.version = version;
  request.berth.tenantId ??= tenantId;
  request.berth.operationId ??= operationId;
  request.berth.bodyToKeep = answer.facts.bodyToKeep;
  if (version !== undefined && answer.status < 300 && answer.body !== null && isWrite(request)) {
    void reply.header('etag', `"${version}"`);
  }
  return answer.body;
}

function withEtag(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  if (reply.statusCode !== 200 || typeof payload !== 'string' || request.berth.input === undefined) return payload;
  const etag = etagOf(request.berth.version, payload);
  void reply.header('etag', etag);
  if (!matches(request.headers['if-none-match'], etag)) return payload;
  void reply.code(304).removeHeader('content-type').removeHeader('content-length');
  return null;
}
