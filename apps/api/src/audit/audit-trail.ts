import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AuditLog, type AuditEntry } from '@berth/ports';

/**
 * One entry for each write request that was looked at, also a refused one, before its answer goes out. Not for a request that
 * was refused for its number (429), nor for a repeated answer: both would let a caller flood the chain.
 */
@Injectable()
export class AuditTrail {
  constructor(
    private readonly audit: AuditLog,
    private readonly log: Logger,
  ) {}

  async record(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const description = request.routeOptions.config.berth?.description;
    if (description === undefined || request.berth.unaudited) return;
    if (description.auditedWhenRefused === true && reply.statusCode < 400) return;
    const entry = entryOf(description.id, request, reply.statusCode);
    try {
      await this.audit.append(entry);
    } catch (error) {
      // What was done is done: hiding the answer would not undo it. The log keeps what the chain could not.
      this.log.error({ requestId: request.id, audit: entry, err: error }, 'an audit entry could not be written');
    }
  }
}

function entryOf(action: string, request: FastifyRequest, status: number): AuditEntry {
  const { caller, input, problem, tenantId, operationId } = request.berth;
  const query = input?.query as { readonly dryRun?: boolean } | undefined;
  return {
    actor: caller?.actor ?? 'anonymous',
    action: query?.dryRun === true ? `${action}:dry-run` : action,
    tenantId: tenantId ?? namedTenant(request),
    object: (request.url.split('?', 1)[0] ?? '').slice(0, 200),
    from: request.ip,
    answer: problem === undefined ? String(status) : `${status} ${problem}`,
    operationId: operationId ?? null,
  };
}

/** The tenant that a refused request named; only ever a valid name, so that nobody writes prose into the log. */
function namedTenant(request: FastifyRequest): string | null {
  const { input } = request.berth;
  const path = input?.path as { readonly tenantId?: string } | undefined;
  const body = input?.body as { readonly id?: string; readonly tenantId?: string } | undefined;
  const isNewTenant = request.routeOptions.config.berth?.description?.id === 'create-tenant';
  return path?.tenantId ?? (isNewTenant ? body?.id : body?.tenantId) ?? null;
}
