import type { Operation } from '@berth/domain';
import { operationBody } from '../operations/operation.dto.js';

interface AnswerFacts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly version?: number;
  readonly tenantId?: string;
  readonly operationId?: string;
  /** Kept instead of the body for a repeated Idempotency-Key, where the body shows a secret once. */
  readonly bodyToKeep?: object;
}

/** What a handler answers: the hooks turn it into status, headers and body. */
export class Answer {
  constructor(
    readonly status: number,
    readonly body: object | null,
    readonly facts: AnswerFacts = {},
  ) {}
}

export function ok(body: object, facts: AnswerFacts = {}): Answer {
  return new Answer(200, body, facts);
}

export function created(location: string, body: object, facts: AnswerFacts = {}): Answer {
  return new Answer(201, body, { ...facts, headers: { location } });
}

/** Anything long: the operation, and where to watch it. */
export function accepted(operation: Operation): Answer {
  return new Answer(202, operationBody(operation), {
    headers: { location: `/v1/operations/${operation.id}` },
    tenantId: operation.tenantId,
    operationId: operation.id,
  });
}
