import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { BerthError, asBerthError } from '@berth/domain';
import type { RouteTable } from './http/route-table.js';
import { problemContentType, problemOf } from './problem/problem.js';

/** Everything thrown, by handlers, hooks or the framework, becomes a problem; what is our own fault is logged here, once. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly log: Logger,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(thrown, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const error = this.translate(thrown, request, reply);
    const problem = problemOf(error, request.id);
    request.berth.problem = error.code;
    if (problem.status >= 500)
      this.log.error({ requestId: request.id, code: error.code, err: error }, 'a request failed');
    if (error.code === 'unauthenticated') void reply.header('www-authenticate', 'Bearer realm="berth"');
    if (error.code === 'rate-limited') {
      request.berth.unaudited = true;
      void reply.header('retry-after', `${Number(error.details['retryAfterSeconds'] ?? 1)}`);
    }
    void reply.code(problem.status).header('content-type', problemContentType).send(problem);
  }

  private translate(thrown: unknown, request: FastifyRequest, reply: FastifyReply): BerthError {
    if (thrown instanceof HttpException) return this.translateHttp(thrown.getStatus(), thrown, request, reply);
    if (isHttpFault(thrown)) return this.translateHttp(thrown.statusCode, thrown, request, reply);
    return asBerthError(thrown);
  }

  private translateHttp(status: number, cause: Error, request: FastifyRequest, reply: FastifyReply): BerthError {
    const allowed = this.routes.methodsAt(pathOf(request.url));
    // Also where the framework stumbled over the body or its type before it looked for the route.
    if (status < 500 && allowed.length > 0 && !allowed.includes(request.method)) {
      void reply.header('allow', allowed.join(', '));
      return new BerthError('method-not-allowed', `${request.method} is not possible here; ${allowed.join(', ')} is.`, {
        details: { allowed },
      });
    }
    switch (status) {
      case 404:
        return new BerthError('route-not-found', 'There is nothing at this address.', {
          hint: 'See /docs for what there is.',
        });
      case 413:
        return new BerthError('body-too-large', 'The body is larger than 256 KiB.', { cause });
      case 415:
        return new BerthError('unsupported-media-type', 'The body must be JSON.', {
          cause,
          hint: 'Send "Content-Type: application/json".',
        });
      default:
        if (status >= 500) return new BerthError('internal', cause.message, { cause });
        return new BerthError(
          'invalid-request',
          `The request cannot be read: ${cause.message}.`.replace(/\.\.$/, '.'),
          { cause },
        );
    }
  }
}

function isHttpFault(thrown: unknown): thrown is Error & { readonly statusCode: number } {
  return thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number';
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
