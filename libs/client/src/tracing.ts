import { TenantError } from './errors.js';

/** The part of OpenTelemetry's tracer that is used: give `trace.getTracer('shop')` of `@opentelemetry/api`. */
export interface Tracer {
  startActiveSpan<T>(
    name: string,
    options: { readonly kind: 2; readonly attributes: Readonly<Record<string, string | number>> },
    work: (span: Span) => T,
  ): T;
}

export interface Span {
  setAttribute(name: string, value: string | number): unknown;
  addEvent(name: string, attributes?: Readonly<Record<string, string | number>>): unknown;
  recordException(error: Error): void;
  setStatus(status: { readonly code: 2; readonly message?: string }): unknown;
  end(): void;
}

/** OpenTelemetry's own numbers: SpanKind.CLIENT and SpanStatusCode.ERROR. */
const client = 2;
const failed = 2;

/** A span for one call, its retries as events. SQL and values are not in it: they may hold what a tenant would not show. */
export function traced<T>(
  tracer: Tracer | null,
  name: string,
  tenantId: string,
  work: (span: Span | null) => Promise<T>,
): Promise<T> {
  if (tracer === null) return work(null);
  const attributes = { 'db.system.name': 'postgresql', 'berth.tenant.id': tenantId };
  return tracer.startActiveSpan(name, { kind: client, attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      // What PostgreSQL says may quote a value; its code does not.
      if (error instanceof TenantError) span.recordException(error);
      const { code } = error as { readonly code?: unknown };
      span.setStatus({ code: failed, ...(typeof code === 'string' && { message: code }) });
      throw error;
    } finally {
      span.end();
    }
  });
}
