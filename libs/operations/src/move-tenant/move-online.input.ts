import {
  type ReplicationStream,
  type RowIdentities,
  type StreamDirection,
  type StreamLimits,
  streamsOf,
  type TenantLimits,
} from '@berth/domain';
import type { MoveTenant } from './move-tenant.input.js';

export interface MoveOnline extends MoveTenant {
  /** The operator's choices for tables without a usable key. */
  readonly identities: RowIdentities;
  readonly streamLimits: StreamLimits;
  /** Limits at the source, where the tenant goes on if the move is undone. */
  readonly limitsBefore: TenantLimits;
}

export function streamsOfMove({
  source,
  target,
}: Pick<MoveTenant, 'source' | 'target'>): Readonly<Record<StreamDirection, ReplicationStream>> {
  return streamsOf(source.place, target.place, target.generation);
}
