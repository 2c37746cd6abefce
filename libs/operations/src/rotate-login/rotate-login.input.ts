import type { LoginSlot } from '@berth/domain';
import type { Routed } from '../routing/route-tenant.steps.js';
import type { HasWanted } from '../steps/verify-tenant.step.js';

export interface RotateLogin extends HasWanted, Routed {
  readonly generation: number;
  /** The active slot before, which ends. */
  readonly from: LoginSlot;
  /** The idle slot, which becomes the active one. */
  readonly to: LoginSlot;
  /** How long the old login is kept for clients that go on using it, from the switch on. */
  readonly graceMs: number;
  /** How long a new version of the secret may take to reach every client: the old login lives at least so long. */
  readonly settleMs: number;
}
