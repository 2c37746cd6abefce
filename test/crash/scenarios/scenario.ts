import type { OperationKind, TenantId, TenantState } from '@berth/domain';
import { sagas, type OperationRequest, type Tools } from '@berth/operations';
import { applicableSteps, type RuntimeStep, type Saga } from '@berth/saga';
import type { World } from '../world.js';

/**
 * One operation in one situation; the crash matrix breaks it at each of its steps. The scenarios together have every step of every
 * saga, or `test/architecture/failpoints.spec.ts` fails. To add one, append it to a list beside this file; nothing else knows it:
 *
 * - `kind` and `input` say which saga and which of its steps: `input` holds only what its `stepWhen`s look at, except
 *   `routed`: every scenario has a pooler.
 * - `prepare` makes a tenant of its own in the situation, by `world.perform`, and tells what to ask for.
 * - `endsAs` and `endsOn` are what the unbroken operation leads to. All else, the start included, is read from the real servers
 *   (`snapshot.ts`); what your operation may leave behind elsewhere, add there.
 *
 * Cheap ones first: the short form breaks a step in the first scenario of its list that has it. A saga stays in one list, and each
 * list has a spec of its own. The full form of one scenario: `BERTH_CRASH='suspend' node scripts/suite.mjs crash test/crash/lifecycle`.
 */
export interface Scenario {
  readonly name: string;
  readonly kind: OperationKind;
  /** Where the kind has several; else the one that it has. */
  readonly saga?: Saga<never, Tools>;
  readonly input: Readonly<Record<string, unknown>>;
  readonly prepare: (world: World) => Promise<{ readonly tenantId: TenantId; readonly request: OperationRequest }>;
  /** What somebody does as soon as the operation has been asked for. */
  readonly begun?: (world: World, operationId: string) => Promise<unknown>;
  /** When all has been compared: ends what would go on and take something from the others. */
  readonly afterwards?: (world: World, tenantId: TenantId) => Promise<unknown>;
  readonly endsAs: TenantState;
  /** Cluster on which the tenant may write in the end, `own` for its instance; null: nowhere. */
  readonly endsOn: 'shared-1' | 'shared-2' | 'own' | null;
}

export function sagaOf({ kind, saga }: Scenario): Saga<never, Tools> {
  return saga ?? sagas[kind];
}

export function stepsOf(scenario: Scenario): readonly RuntimeStep[] {
  const behindPooler = { ...scenario.input, routed: true };
  return applicableSteps(sagaOf(scenario) as unknown as Parameters<typeof applicableSteps>[0], behindPooler);
}

/** The last step from which there is a way back: cancelled there, an operation undoes as much as it ever can. */
export function lastBefore(scenario: Scenario): string {
  const step = stepsOf(scenario).findLast(({ side }) => side === 'before');
  if (step === undefined) throw new Error(`${scenario.name} cannot be taken back`);
  return step.name;
}
