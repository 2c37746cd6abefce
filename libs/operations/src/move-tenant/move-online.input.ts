import type { RowIdentities, StreamLimits, TenantLimits } from '@berth/domain';
import type { MoveTenant, Switching } from './move-tenant.input.js';

/** A switch between two places that follow each other. */
export interface OnlineSwitch extends Switching {
  /** Limits at the source, where the tenant goes on if the operation is undone. */
  readonly limitsBefore: TenantLimits;
}

export interface MoveOnline extends MoveTenant, OnlineSwitch {
  /** The operator's choices for tables without a usable key. */
  readonly identities: RowIdentities;
  readonly streamLimits: StreamLimits;
}
