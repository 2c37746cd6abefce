import type { MoveStrategy } from './move.js';
import type { TenantId } from './names.js';
import type { ErrorReport } from './operation.js';

/** `running` until no tenant is left to move; `stopping` starts nothing more and waits for the moves under way. */
export const drainStates = ['running', 'stopping', 'stopped', 'finished'] as const;
export type DrainState = (typeof drainStates)[number];

/** Moving the tenants of a cluster elsewhere, a few at a time. */
export interface Drain {
  readonly id: string;
  readonly clusterId: string;
  readonly strategy: MoveStrategy;
  /** True: gives up each old place as soon as its move has switched. */
  readonly complete: boolean;
  /** Most moves of it at the same time. */
  readonly atOnce: number;
  readonly state: DrainState;
  readonly requestedBy: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/**
 * `moved`: switched, its old place kept; `completed`: and given up; `gone`: left the cluster by other means; `failed`: it stays, and
 * its error says why. These four are ends.
 */
export const drainTenantStates = ['waiting', 'moving', 'completing', 'moved', 'completed', 'gone', 'failed'] as const;
export type DrainTenantState = (typeof drainTenantStates)[number];

export interface DrainTenant {
  readonly tenantId: TenantId;
  readonly state: DrainTenantState;
  /** Its newest move that the drain started. */
  readonly moveId: string | null;
  readonly targetClusterId: string | null;
  /** Why it failed, or what it waits for. */
  readonly error: ErrorReport | null;
}

export function isLeft({ state }: Pick<DrainTenant, 'state'>): boolean {
  return state === 'waiting' || state === 'moving' || state === 'completing';
}

/** Who asks for the moves of a drain: how they are found again after a crash. */
export function drainActor(drainId: string): string {
  return `drain:${drainId}`;
}
