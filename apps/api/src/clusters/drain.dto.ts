import { z } from 'zod';
import {
  drainStates,
  drainTenantStates,
  moveStrategies,
  type Drain,
  type DrainTenant,
  type ErrorReport,
} from '@berth/domain';
import type { DrainPlan } from '@berth/operations';
import { input, output, time, timeField, timeOrNull, uuidField } from '../http/dto.js';
import { decisionBody, decisionDto } from '../placements/decision.dto.js';

export const startDrainBody = input(
  'StartDrain',
  z.strictObject({
    strategy: z
      .enum(moveStrategies)
      .meta({ description: 'How each tenant is moved; it has to be named, as a dump refuses writes while it copies.' }),
    atOnce: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(2)
      .meta({ description: 'Most moves of it at the same time. The limits of the clusters hold as well.' }),
    complete: z
      .boolean()
      .default(false)
      .meta({ description: 'True: gives up each old place as soon as its move has switched.' }),
  }),
  { strategy: 'dump', atOnce: 2, complete: false },
);

const problemDto = z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() });

export const drainPlanDto = output(
  'DrainPlan',
  z.object({
    clusterId: z.string(),
    tenants: z.array(
      z.object({
        tenantId: z.string(),
        target: z.string().nullable().meta({ description: 'Where it would go; null: it cannot.' }),
        refusal: problemDto.nullable(),
        decision: decisionDto.nullable(),
      }),
    ),
    keptPlaces: z
      .array(z.object({ tenantId: z.string(), moveId: z.string().nullable() }))
      .meta({ description: 'Old places of moves that switched; they stay until the moves are completed.' }),
  }),
  {
    clusterId: 'shared-1',
    tenants: [
      { tenantId: 'acme-corp', target: 'shared-2', refusal: null, decision: null },
      {
        tenantId: 'corner-bakery',
        target: null,
        decision: null,
        refusal: {
          code: 'tenant-state',
          message: 'Tenant corner-bakery is suspended; to move it, it has to be ready.',
          hint: 'Type: berth tenants show corner-bakery',
        },
      },
    ],
    keptPlaces: [],
  },
);

export const drainDto = output(
  'Drain',
  z.object({
    id: uuidField,
    clusterId: z.string(),
    state: z.enum(drainStates),
    strategy: z.enum(moveStrategies),
    atOnce: z.number().int(),
    complete: z.boolean(),
    requestedBy: z.string(),
    createdAt: timeField,
    endedAt: timeField.nullable(),
    counts: z.partialRecord(z.enum(drainTenantStates), z.number().int()).meta({ description: 'Tenants by state.' }),
    tenants: z.array(
      z.object({
        tenantId: z.string(),
        state: z.enum(drainTenantStates),
        moveId: z.string().nullable(),
        target: z.string().nullable(),
        error: problemDto.nullable().meta({ description: 'Why it failed, or what it waits for.' }),
      }),
    ),
  }),
  {
    id: '0192f3a4-5b6c-7d8e-9f00-112233445566',
    clusterId: 'shared-1',
    state: 'running',
    strategy: 'dump',
    atOnce: 2,
    complete: false,
    requestedBy: 'key:bootstrap-0a1b2c3d4e5f',
    createdAt: '2026-11-21T09:30:00.000Z',
    endedAt: null,
    counts: { moving: 1 },
    tenants: [
      {
        tenantId: 'acme-corp',
        state: 'moving',
        moveId: '0192f3a4-5b6c-7d8e-9f00-112233445567',
        target: 'shared-2',
        error: null,
      },
    ],
  },
);

export function drainPlanBody({ clusterId, departures, keptPlaces }: DrainPlan): z.output<typeof drainPlanDto> {
  const tenants = departures.map(({ tenantId, target, refusal, decision }) => ({
    ...{ tenantId, target, refusal: problemOf(refusal) },
    decision: decision === null ? null : decisionBody(decision),
  }));
  return { clusterId, tenants, keptPlaces: [...keptPlaces] };
}

export function drainBody(drain: Drain, tenants: readonly DrainTenant[]): z.output<typeof drainDto> {
  const { id, clusterId, state, strategy, atOnce, complete, requestedBy, createdAt, endedAt } = drain;
  const counts: z.output<typeof drainDto>['counts'] = {};
  for (const { state: one } of tenants) counts[one] = (counts[one] ?? 0) + 1;
  return {
    ...{ id, clusterId, state, strategy, atOnce, complete, requestedBy, counts },
    createdAt: time(createdAt),
    endedAt: timeOrNull(endedAt),
    tenants: tenants.map(({ tenantId, state: its, moveId, targetClusterId, error }) => ({
      ...{ tenantId, state: its, moveId, target: targetClusterId, error: problemOf(error) },
    })),
  };
}

function problemOf(error: ErrorReport | null): z.output<typeof problemDto> | null {
  return error === null ? null : { code: error.code, message: error.message, hint: error.hint };
}
