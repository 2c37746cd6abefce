import { z } from 'zod';
import { moveStates, moveStrategies, readBackKinds, tiers, type Move, type MoveProgress } from '@berth/domain';
import { auditEntryBody, auditEntryDto } from '../audit/audit.dto.js';
import { errorDto, operationBody, operationDto } from '../operations/operation.dto.js';
import type { MoveEvidence } from './move-evidence.js';
import { moveProgressBody, moveProgressDto } from './move-progress.js';
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
    identities: z
      .record(
        z.string().min(1).max(63),
        z.union([z.literal('full'), z.strictObject({ useIndex: z.string().min(1).max(63) })]),
      )
      .optional()
      .meta({
        description:
          'Only with `online`, by the name of a table that has no usable key: how its rows are told apart. The dry run names the tables.',
      }),
    maxBytesPerSecond: z
      .union([z.number().int().min(100_000), z.literal('unlimited')])
      .optional()
      .meta({
        description:
          'Only with `online`: how fast rows are copied at most. The copy goes slower than that whenever other tenants of the source would feel it, also where nothing is given; `unlimited` gives way to nobody.',
      }),
    maxStandbyLagBytes: z
      .union([z.number().int().min(1_048_576), z.literal('unlimited')])
      .optional()
      .meta({
        description:
          'Only with `online`: the copy pauses while a standby of the source has more log than this to replay. A pause has no end of its own: it ends with a cancellation, or past `maxRetainedBytes`, as the source keeps log for the move meanwhile. Default: 64 MiB, and `unlimited`, which pauses for none, where `maxBytesPerSecond` is.',
      }),
    maxRetainedBytes: z.number().int().min(16_777_216).optional().meta({
      description:
        'Only with `online`: write-ahead log that the source may keep for the move; past it the move is undone. Default: 16 GiB.',
    }),
    notBefore: timeField.optional().meta({
      description: 'The switch waits for this time; with `dump` writers are refused from then on at the earliest.',
    }),
    deadline: timeField.optional().meta({
      description: 'A move that has not begun to switch by then is undone, and the tenant stays where it is.',
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
  open: flagField('Only moves that are neither completed nor cancelled.').optional(),
  ...pageFieldsOf('bToxNw'),
});

const comparisonDto = output(
  'Comparison',
  z.object({
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
        sourceHash: z
          .string()
          .nullish()
          .meta({ description: 'SHA-256 over the hashes of all rows, in ranges of the key.' }),
        targetHash: z.string().nullish(),
        moments: z.number().int().optional().meta({
          description: 'At how many moments its rows were compared, range by range; left out: at one.',
        }),
      }),
    ),
    differences: z.array(z.object({ kind: z.string(), object: z.string(), message: z.string() })),
    differenceCount: z.number(),
    comparedAt: z.string(),
    moments: z
      .number()
      .int()
      .optional()
      .meta({ description: 'At how many moments of both ends it was compared; left out: at one.' }),
  }),
  {
    equal: true,
    rows: 2,
    bytes: 64,
    ms: 12,
    tables: [
      {
        table: 'invoice',
        sourceRows: 2,
        targetRows: 2,
        bytes: 64,
        ms: 9,
        equal: true,
        sourceHash: '8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92',
        targetHash: '8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92',
      },
    ],
    differences: [],
    differenceCount: 0,
    comparedAt: '2026-11-21T09:30:40.000Z',
  },
);

const moveExample = {
  id: '0192f3a4-5b6c-7d8e-9f00-112233445566',
  tenantId: 'acme-corp',
  strategy: 'online',
  direction: 'promote',
  switch: 'auto',
  state: 'switched',
  reason: null,
  error: null,
  readBack: null,
  fromGeneration: 1,
  toGeneration: 2,
  fromClusterId: 'shared-1',
  toClusterId: 'dedicated-acme-corp-g2',
  switchRequestedAt: '2026-11-21T09:30:00.000Z',
  verifyRequestedAt: null,
  switchedAt: '2026-11-21T09:31:00.000Z',
  reversedAt: null,
  writePauseMs: 21,
  comparison: null,
  reverseComparison: null,
  progress: {
    step: null,
    tables: null,
    rows: null,
    bytes: null,
    secondsLeft: null,
    lag: { bytes: 4_096, seconds: 0.004, at: '2026-11-21T09:40:00.000Z' },
    retained: { bytes: 16_777_216, maxBytes: 17_179_869_184, warns: false },
    verifiedAt: null,
    verificationAgeSeconds: null,
    trouble: null,
  },
  version: 7,
  createdAt: '2026-11-21T09:30:00.000Z',
  endedAt: null,
} as const;

export const moveDto = output(
  'Move',
  z.object({
    id: uuidField.meta({ description: 'Also the id of the operation that runs the move up to the switch.' }),
    tenantId: z.string(),
    strategy: z.enum(moveStrategies),
    direction: z.enum(['promote', 'demote', 'relocate']),
    switch: z.enum(['auto', 'manual']),
    state: z.enum(moveStates),
    reason: z
      .string()
      .nullable()
      .meta({ description: 'What happened to it, where it did not go as it was asked for.' }),
    error: errorDto.nullable().meta({
      description:
        'What it was undone for, or its reverse, with what to do. Null: nothing failed, or somebody cancelled it.',
    }),
    readBack: z
      .object({
        at: timeField,
        gone: z.array(
          z.object({
            what: z.enum(readBackKinds),
            name: z.string().meta({ description: 'Of the stream, the schema or the instance.' }),
            clusterId: z.string(),
          }),
        ),
      })
      .nullable()
      .meta({
        description:
          'What the servers were asked for when the move was completed, cancelled or undone, or its reverse was, and found to be gone. Something left is an error that names it.',
      }),
    fromGeneration: z.number().int(),
    toGeneration: z.number().int(),
    fromClusterId: z.string(),
    toClusterId: z.string(),
    switchRequestedAt: timeField.nullable(),
    verifyRequestedAt: timeField
      .nullable()
      .meta({ description: 'Since when somebody waits for a fresh comparison; null: nobody does, or it was made.' }),
    switchedAt: timeField.nullable(),
    reversedAt: timeField.nullable().meta({ description: 'When the tenant was back at the old place.' }),
    writePauseMs: z
      .number()
      .nullable()
      .meta({ description: 'How long writers waited or were refused at the last switch, in ms.' }),
    comparison: comparisonDto
      .nullable()
      .meta({ description: 'Of both ends, the last before the switch or as they were at it.' }),
    reverseComparison: comparisonDto.nullable().meta({ description: 'The same of the reverse.' }),
    progress: moveProgressDto.nullable().meta({ description: 'Null: the move has ended, or not begun.' }),
    version: z.number().int(),
    createdAt: timeField,
    endedAt: timeField.nullable(),
  }),
  moveExample,
);
export const movePage = pageOf('MovePage', moveDto);

export const moveEvidenceDto = output(
  'MoveEvidence',
  z.object({
    move: moveDto,
    operations: z.array(operationDto).meta({ description: 'The move itself, then what was done with it later.' }),
    requests: z.array(auditEntryDto).meta({ description: 'Who asked for it and pressed what, from the audit log.' }),
  }),
  { move: moveExample, operations: [], requests: [] },
);

export function moveEvidenceBody(
  { move, operations, requests }: MoveEvidence,
  progress: MoveProgress | undefined,
): z.output<typeof moveEvidenceDto> {
  return {
    move: moveBody(move, progress),
    operations: operations.map(operationBody),
    requests: requests.map(auditEntryBody),
  };
}

function comparisonBody(report: Move['comparison']): z.output<typeof comparisonDto> | null {
  return report === null ? null : { ...report, tables: [...report.tables], differences: [...report.differences] };
}

export function moveBody(move: Move, progress: MoveProgress | undefined): z.output<typeof moveDto> {
  const {
    id,
    tenantId,
    strategy,
    direction,
    state,
    reason,
    error,
    readBack,
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
      error,
      fromGeneration,
      toGeneration,
      fromClusterId,
      toClusterId,
      writePauseMs,
    },
    readBack: readBack === null ? null : { at: readBack.at, gone: [...readBack.gone] },
    switch: move.switchMode,
    switchRequestedAt: timeOrNull(move.switchRequestedAt),
    verifyRequestedAt: timeOrNull(move.verifyRequestedAt),
    switchedAt: timeOrNull(move.switchedAt),
    reversedAt: timeOrNull(move.reversedAt),
    comparison: comparisonBody(move.comparison),
    reverseComparison: comparisonBody(move.reverseComparison),
    progress: progress === undefined ? null : moveProgressBody(progress),
    version: move.version,
    createdAt: time(move.createdAt),
    endedAt: timeOrNull(move.endedAt),
  };
}
