import type { TenantId } from '@berth/domain';
import type { FaultWorld } from './fault-world.js';
import type { Moment, TenOperations } from './ten-operations.js';

export interface Fault {
  readonly name: string;
  readonly moment: Moment;
  /** Like another one but for its moment or its server: only `npm run faults:full` has it. */
  readonly likeAnother?: true;
  /** Of the workers. */
  readonly environment?: (system: FaultWorld) => Readonly<Record<string, string>>;
  /** When the move is ready: these tenants are there, the first of them moves. */
  readonly prepare?: (system: FaultWorld, tenants: readonly TenantId[]) => Promise<void>;
  readonly strike: (system: FaultWorld, ten: TenOperations) => Promise<void>;
  /** Brings back what was broken, when it was broken for long enough. */
  readonly mend?: (system: FaultWorld, ten: TenOperations) => Promise<void>;
  /** When all have ended: until what broke has caught up, where that takes a round of the workers. */
  readonly settled?: (system: FaultWorld, ten: TenOperations) => Promise<void>;
  /** What is to be seen when all have ended, beside what holds for every fault. */
  readonly afterwards?: (system: FaultWorld, ten: TenOperations) => Promise<void>;
}

export const likeAnother = (fault: Fault): Fault => ({ ...fault, likeAnother: true });
