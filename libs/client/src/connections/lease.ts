import type { TenantAccess } from '../secret.js';
import type { Connection } from './connection.js';

/** The right to a connection until it is released. */
export interface Lease {
  readonly connection: Connection;
  /** Of the placement to which the connection leads. */
  readonly generation: number;
  /** The tenant has moved away since: what is read here is old, and what is written will be refused. */
  isStale(): boolean;
  release(): void;
}

/** Internal: the placement changed between looking it up and using it. Always safe to try again. */
export class StaleLease extends Error {}

/** Internal: no connection was made, so nothing was sent. */
export class ConnectFailure extends Error {
  constructor(
    override readonly cause: unknown,
    /** By which it was tried. */
    readonly secret: TenantAccess,
  ) {
    super('no connection');
  }
}
