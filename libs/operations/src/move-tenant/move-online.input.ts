import type { RowIdentities } from '@berth/domain';
import type { MoveTenant } from './move-tenant.input.js';

export interface MoveOnline extends MoveTenant {
  /** The operator's choices for tables without a usable key. */
  readonly identities: RowIdentities;
}
