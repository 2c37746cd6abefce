import { reasonOf } from '../pause.js';
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

/** Who has no more patience leaves at once; the connection that is under way is for the next one. @throws the signal's reason */
export function orLeave(connecting: Promise<Lease>, signal: AbortSignal | undefined): Promise<Lease> {
  if (signal === undefined) return connecting;
  return new Promise((resolve, reject) => {
    let hasLeft = false;
    const leave = (): void => {
      hasLeft = true;
      reject(reasonOf(signal));
    };
    signal.addEventListener('abort', leave, { once: true });
    const arrive = (): void => signal.removeEventListener('abort', leave);
    connecting.then(
      (lease) => [arrive(), hasLeft ? lease.release() : resolve(lease)],
      (error: unknown) => [arrive(), reject(error as Error)],
    );
  });
}
