import type { Caller } from '../access/caller.js';
import type { RouteEntry, RouteInput } from './route.js';

/** What is known of a request while it is served; the log line, the metrics and the audit entry are made from it. */
export interface RequestContext {
  readonly startedAt: number;
  caller: Caller | undefined;
  input: RouteInput<unknown, unknown, unknown> | undefined;
  tenantId: string | undefined;
  operationId: string | undefined;
  /** Version of the answered object, for its ETag. */
  version: number | undefined;
  /** Kept instead of the body for a repeated Idempotency-Key. */
  bodyToKeep: object | undefined;
  /** The code of the problem that was answered. */
  problem: string | undefined;
  /** Set while this request holds its Idempotency-Key. */
  idempotency: { readonly key: string; readonly owner: string } | undefined;
  /** True: nothing was looked at, so nothing is audited (too many requests, a repeated answer). */
  unaudited: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    berth: RequestContext;
  }
  interface FastifyContextConfig {
    berth?: RouteEntry;
  }
}

export function newRequestContext(): RequestContext {
  return {
    startedAt: performance.now(),
    caller: undefined,
    input: undefined,
    tenantId: undefined,
    operationId: undefined,
    version: undefined,
    bodyToKeep: undefined,
    problem: undefined,
    idempotency: undefined,
    unaudited: false,
  };
}
