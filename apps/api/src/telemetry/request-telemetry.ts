import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { ApiMetrics } from './metrics.js';

/** One log line and one measurement a request. Only what is named here is written: no body, no query, no header. */
export class RequestTelemetry {
  constructor(
    private readonly log: Logger,
    private readonly metrics: ApiMetrics,
  ) {}

  record(request: FastifyRequest, reply: FastifyReply): void {
    const { startedAt, caller, tenantId, operationId, input, problem } = request.berth;
    const ms = performance.now() - startedAt;
    const route = request.routeOptions.url ?? 'none';
    this.metrics.observe(request.method, route, reply.statusCode, ms / 1000);
    const path = input?.path as { readonly tenantId?: string; readonly operationId?: string } | undefined;
    this.log.info(
      {
        requestId: request.id,
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(ms * 100) / 100,
        actor: caller?.actor,
        from: request.ip,
        tenantId: tenantId ?? path?.tenantId,
        operationId: operationId ?? path?.operationId,
        problem,
      },
      'request',
    );
  }
}
