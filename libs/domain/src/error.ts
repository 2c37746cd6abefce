/**
 * What an operation does when a step fails with this error: `backoff` tries again later, some times; `wait` does so for as long as it takes,
 * because somebody else is at work who will end; `never` undoes (before the point of no return), `operator` stops and asks a
 * person, because neither trying again nor undoing would help.
 */
export type RetryClass = 'backoff' | 'wait' | 'never' | 'operator';

/** Whether trying again may help without anybody's doing. */
export const passesByItself = (retry: RetryClass): boolean => retry === 'backoff' || retry === 'wait';

/** Every error of Berth by its stable code, with the retry class that it has unless the thrower says otherwise. */
export const errorCodes = {
  // The request is wrong: nothing was done.
  'invalid-request': 'never',
  'invalid-name': 'never',
  'invalid-cursor': 'never',
  'config-invalid': 'never',
  unauthenticated: 'never',
  forbidden: 'never',
  'rate-limited': 'backoff',
  'precondition-failed': 'never',
  'precondition-required': 'never',
  'idempotency-key-reused': 'never',
  'idempotency-key-in-use': 'backoff',
  'method-not-allowed': 'never',
  'body-too-large': 'never',
  'unsupported-media-type': 'never',
  'request-timeout': 'backoff',
  'headers-too-large': 'never',
  // What was named is not there, or is there already.
  'route-not-found': 'never',
  'tenant-not-found': 'never',
  'tenant-exists': 'never',
  'plan-not-found': 'never',
  'plan-in-use': 'never',
  'cluster-not-found': 'never',
  'cluster-exists': 'never',
  'cluster-in-use': 'never',
  'operation-not-found': 'never',
  'move-not-found': 'never',
  'drain-not-found': 'never',
  'proof-not-found': 'never',
  'api-key-not-found': 'never',
  // The present state does not allow it.
  'operation-in-progress': 'never',
  'tenant-state': 'never',
  'move-state': 'never',
  'move-open': 'never',
  'strategy-mismatch': 'never',
  'operation-state': 'never',
  'past-point-of-no-return': 'never',
  'placement-conflict': 'never',
  'version-conflict': 'never',
  'no-cluster-fits': 'never',
  'constraint-broken': 'never',
  // A cluster cannot serve.
  'cluster-unreachable': 'backoff',
  'cluster-full': 'never',
  'cluster-too-old': 'never',
  'cluster-rights': 'never',
  'cluster-unsafe': 'never',
  'cluster-cordoned': 'never',
  'cluster-busy': 'backoff',
  'cluster-tls': 'backoff',
  'cluster-draining': 'never',
  'isolation-broken': 'never',
  // A pooler cannot serve.
  'pooler-not-found': 'never',
  'pooler-exists': 'never',
  'pooler-unreachable': 'backoff',
  'pooler-too-old': 'never',
  'pooler-unsafe': 'never',
  'pooler-files': 'backoff',
  'pooler-refused': 'backoff',
  'pooler-busy': 'backoff',
  // Work on a tenant failed.
  'database-error': 'never',
  'database-unavailable': 'backoff',
  // A report or an autovacuum of a large table takes hours: a copy that took as long is not thrown away for it.
  'lock-timeout': 'wait',
  'migration-failed': 'operator',
  'migration-changed': 'operator',
  'leftovers-found': 'operator',
  'copy-failed': 'never',
  'disk-full': 'never',
  'verification-failed': 'never',
  'verification-stale': 'backoff',
  'schema-changed': 'never',
  'preflight-failed': 'never',
  'fence-missing': 'operator',
  'gate-closed': 'operator',
  'sequence-behind': 'operator',
  'stream-backlog': 'never',
  'window-passed': 'never',
  'stream-stalled': 'backoff',
  'stream-lost': 'never',
  'streams-login-missing': 'never',
  // The parts.
  'secret-conflict': 'operator',
  'secret-missing': 'operator',
  'secret-corrupt': 'operator',
  'secrets-unavailable': 'backoff',
  'secrets-unsafe': 'never',
  'infrastructure-failed': 'backoff',
  'infrastructure-locked': 'backoff',
  'infrastructure-missing': 'never',
  'infrastructure-quota': 'operator',
  'infrastructure-capacity': 'backoff',
  'infrastructure-denied': 'operator',
  'postgres-programs-missing': 'never',
  'local-server-failed': 'never',
  'catalog-unavailable': 'backoff',
  'queue-unavailable': 'backoff',
  'redis-unfit': 'never',
  // The engine.
  'lease-lost': 'never',
  cancelled: 'never',
  'unknown-saga': 'operator',
  internal: 'backoff',
} as const satisfies Record<string, RetryClass>;

export type ErrorCode = keyof typeof errorCodes;

export interface BerthErrorOptions {
  readonly cause?: unknown;
  /** Overrides the retry class of the code. */
  readonly retry?: RetryClass;
  /** One sentence that tells the reader what to type or do next. */
  readonly hint?: string;
  /** Facts for programs. Never a secret: it goes into answers, the catalog and logs. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The one error class that crosses a port. Its message and details never hold a secret. */
export class BerthError extends Error {
  readonly code: ErrorCode;
  readonly retry: RetryClass;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: BerthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BerthError';
    this.code = code;
    this.retry = options.retry ?? errorCodes[code];
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** Any thrown value as a BerthError; what nobody translated becomes `internal`, with the original as its cause. */
export function asBerthError(thrown: unknown): BerthError {
  if (thrown instanceof BerthError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new BerthError('internal', message, { cause: thrown });
}
