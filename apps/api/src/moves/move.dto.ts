import { z } from 'zod';
import { moveStates, moveStrategies, tiers, type Move } from '@berth/domain';
import {
  flagField,
  input,
  nameField,
  output,
  pageFieldsOf,
  pageOf,
  tenantIdField,
  time,
  timeField,
  timeOrNull,
  uuidField,
} from '../http/dto.js';

export const movePath = z.strictObject({ moveId: uuidField });

export const createMoveBody = input(
  'CreateMove',
  z.strictObject({
    target: z.strictObject({
      tier: z.enum(tiers),
      clusterId: nameField
        .optional()
        .meta({ description: 'Only this cluster; without it Berth chooses or makes one.' }),
    }),
    strategy: z.enum(moveStrategies).meta({
      description:
        '`dump` refuses writes from the fence to the switch; `online` for tens of milliseconds. Never one for the other.',
    }),
    switch: z
      .enum(['auto', 'manual'])
      .default('auto')
      .meta({ description: '`manual` waits for POST /moves/{moveId}/switch.' }),
  }),
  { target: { tier: 'dedicated' }, strategy: 'dump', switch: 'auto' },
);

export const moveListQuery = z.strictObject({
  tenantId: tenantIdField.optional(),
  open: flagField('Only moves that are neither completed nor cancelled nor reversed.').optional(),
  ...pageFieldsOf('bToxNw'),
});

const comparisonDto = z.object({
  equal: z.boolean(),
  rows: z.number(),
  bytes: z.number(),
  ms: z.number(),
  tables: z.array(
    z.object({
      table: z.string(),
      sourceRows: z.number(),
      targetRows: z.number(),
      bytes: z.number(),
      ms: z.number(),
      equal: z.boolean(),
    }),
  ),
  differences: z.array(z.object({ kind: z.string(), object: z.string(), message: z.string() })),
  differenceCount: z.number(),
  comparedAt: z.string(),
});

export const moveDto = output(
  'Move',
  z.object({
    id: uuidField.meta({ description: 'Also the id of the operation that runs the move up to the switch.' }),
    tenantId: z.string(),
    strategy: z.enum(moveStrategies),
    direction: z.enum(['promote', 'demote', 'relocate']),
    switch: z.enum(['auto', 'manual']),
    state: z.enum(moveStates),
    reason: z.string().nullable(),
    fromGeneration: z.number().int(),
    toGeneration: z.number().int(),
    fromClusterId: z.string(),
    toClusterId: z.string(),
    switchRequestedAt: timeField.nullable(),
    switchedAt: timeField.nullable(),
    writePauseMs: z.number().nullable().meta({ description: 'How long writers waited or were refused, in ms.' }),
    comparison: comparisonDto.nullable(),
    version: z.number().int(),
    createdAt: timeField,
    endedAt: timeField.nullable(),
  }),
  {
    id: '0192f3a4-5b6c-7d8e-9f00-112233445566',
    tenantId: 'acme-corp',
    strategy: 'dump',
    direction: 'promote',
    switch: 'auto',
    state: 'switched',
    reason: null,
    fromGeneration: 1,
    toGeneration: 2,
    fromClusterId: 'shared-1',
    toClusterId: 'dedicated-acme-corp-g2',
    switchRequestedAt: '2026-11-21T09:30:00.000Z',
    switchedAt: '2026-11-21T09:31:00.000Z',
    writePauseMs: 4210,
    comparison: null,
    version: 7,
    createdAt: '2026-11-21T09:30:00.000Z',
    endedAt: null,
  },
);
export const movePage = pageOf('MovePage', moveDto);

export function moveBody(move: Move): z.output<typeof moveDto> {
  const {
    id,
    tenantId,
    strategy,
    direction,
    state,
    reason,
    fromGeneration,
    toGeneration,
    fromClusterId,
    toClusterId,
    writePauseMs,
  } = move;
  return {
    ...{
      id,
      tenantId,
      strategy,
      direction,
      state,
      reason,
      fromGeneration,
      toGeneration,
      fromClusterId,
      toClusterId,
      writePauseMs,
    },
    switch: move.switchMode,
    switchRequestedAt: timeOrNull(move.switchRequestedAt),
    switchedAt: timeOrNull(move.switchedAt),
    comparison:
      move.comparison === null
        ? null
        : { ...move.comparison, tables: [...move.comparison.tables], differences: [...move.comparison.differences] },
    version: move.version,
    createdAt: time(move.createdAt),
    endedAt: timeOrNull(move.endedAt),
  };
}
