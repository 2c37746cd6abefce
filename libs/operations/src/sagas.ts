import type { OperationKind } from '@berth/domain';
import type { Saga } from '@berth/saga';
import { adoptTenant } from './adopt-tenant/adopt-tenant.saga.js';
import { changePlan } from './change-plan/change-plan.saga.js';
import { completeMove } from './complete-move/complete-move.saga.js';
import { completeOnline } from './complete-move/complete-online.saga.js';
import { moveByDump } from './move-tenant/move-by-dump.saga.js';
import { moveOnline } from './move-tenant/move-online.saga.js';
import { provisionTenant } from './provision-tenant/provision-tenant.saga.js';
import { quarantineTenant } from './quarantine-tenant/quarantine-tenant.saga.js';
import { removeTenant } from './remove-tenant/remove-tenant.saga.js';
import { repairTenant } from './repair-tenant/repair-tenant.saga.js';
import { resumeTenant } from './resume-tenant/resume-tenant.saga.js';
import { reverseMove } from './reverse-move/reverse-move.saga.js';
import { rotateLogin } from './rotate-login/rotate-login.saga.js';
import { suspendTenant } from './suspend-tenant/suspend-tenant.saga.js';
import type { Tools } from './tools.js';

/** The saga of every kind of operation. A kind without one does not compile. */
export const sagas = {
  'provision-tenant': provisionTenant,
  'adopt-tenant': adoptTenant,
  'suspend-tenant': suspendTenant,
  'resume-tenant': resumeTenant,
  'repair-tenant': repairTenant,
  'change-plan': changePlan,
  'quarantine-tenant': quarantineTenant,
  'remove-tenant': removeTenant,
  'move-tenant': moveByDump,
  'reverse-move': reverseMove,
  'complete-move': completeMove,
  'rotate-login': rotateLogin,
} as const satisfies Record<OperationKind, Saga<never, Tools>>;

/** Every saga that there is: a kind may have several, and the operation says which one runs it. */
export const allSagas: readonly Saga<never, Tools>[] = [...Object.values(sagas), moveOnline, completeOnline];

/** Of moves that copy while the tenant works. */
export { completeOnline, moveOnline };
