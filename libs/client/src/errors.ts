/** Stable words for what went wrong: compare these, not messages. */
export type TenantErrorCode =
  | 'invalid-tenant-id'
  | 'tenant-not-found'
  | 'tenant-suspended'
  | 'tenant-moving'
  | 'tenant-unreachable'
  | 'login-refused'
  | 'placement-unavailable'
  | 'pool-exhausted'
  | 'ambiguous-commit'
  | 'wrong-session'
  | 'transaction-misused'
  | 'closed';

/** Everything that this library throws by itself. What PostgreSQL says about your SQL is passed on as `pg` throws it. */
export abstract class TenantError extends Error {
  abstract readonly code: TenantErrorCode;

  constructor(
    readonly tenantId: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The id could not be one of Berth's. Nothing was asked of anybody. */
export class InvalidTenantIdError extends TenantError {
  readonly code = 'invalid-tenant-id';
}

/** There is no secret of this tenant: never made, or removed. */
export class TenantNotFoundError extends TenantError {
  readonly code = 'tenant-not-found';
}

/** Its logins are closed: suspended, or in quarantine before its removal. Its data is there. Nothing was executed. */
export class TenantSuspendedError extends TenantError {
  readonly code = 'tenant-suspended';
}

/** It is being moved and refuses writes for longer than the caller wanted to wait. Nothing was executed; reads go on. */
export class TenantMovingError extends TenantError {
  readonly code = 'tenant-moving';
}

/** No connection to its server for as long as the caller wanted to wait. Nothing was executed. */
export class TenantUnreachableError extends TenantError {
  readonly code = 'tenant-unreachable';
}

/** Its server refuses the password of the newest secret. Nothing was executed. */
export class LoginRefusedError extends TenantError {
  readonly code = 'login-refused';
}

/** The source of secrets did not answer, or with something that is no secret; and none was known from before. */
export class PlacementUnavailableError extends TenantError {
  readonly code = 'placement-unavailable';
}

/** No connection became free in time, here or at the server. Nothing was executed. */
export class PoolExhaustedError extends TenantError {
  readonly code = 'pool-exhausted';
}

/** The connection was lost after the work was handed over: it was done once, or not at all. Look before you repeat it. */
export class AmbiguousCommitError extends TenantError {
  readonly code = 'ambiguous-commit';
}

/** A connection led to something else than the secret says, and was not used. */
export class WrongSessionError extends TenantError {
  readonly code = 'wrong-session';
}

/** The work began or ended transactions itself, used a client after its time, or hid the failure of a statement. */
export class TransactionMisusedError extends TenantError {
  readonly code = 'transaction-misused';
}

/** After `close()`. */
export class ClosedError extends TenantError {
  readonly code = 'closed';
}
