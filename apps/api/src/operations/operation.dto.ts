import { z } from 'zod';
import {
  operationKinds,
  operationStates,
  stepStates,
  type Finding,
  type NotedProgress,
  type Operation,
  type OperationStep,
} from '@berth/domain';
import type { OperationPlan } from '@berth/operations';
import { decisionBody, decisionDto, decisionExample } from '../placements/decision.dto.js';
import {
  given,
  output,
  pageFieldsOf,
  pageOf,
  tenantIdField,
  time,
  timeField,
  timeOrNull,
  uuidField,
} from '../http/dto.js';

export const errorDto = output(
  'OperationError',
  z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  }),
  {
    code: 'migration-failed',
    message: 'Migration 002_orders.sql failed at line 7: syntax error.',
    hint: 'Correct the file and type "berth operations retry".',
    details: { file: '002_orders.sql', line: 7 },
  },
);

const amount = { done: z.number(), total: z.number().nullable(), unit: z.string() } as const;

const stepDto = output(
  'OperationStep',
  z.object({
    number: z.number().int().meta({ description: '1 for the first.' }),
    name: z.string(),
    description: z.string(),
    state: z.enum(stepStates),
    pointOfNoReturn: z.boolean().meta({ description: 'From this step on there is no undo, only forward.' }),
    attempts: z.number().int(),
    progress: z
      .object({
        text: z.string(),
        ...amount,
        also: z.array(z.object(amount)).meta({ description: 'The same work in other units, where they are known.' }),
        at: timeField.nullable().meta({ description: 'When the step told it.' }),
        secondsLeft: z.number().int().nullable().meta({
          description: 'Of this step alone, at its pace of the last 30 seconds before `at`; null: nobody knows.',
        }),
      })
      .nullable(),
    error: errorDto.nullable(),
    startedAt: timeField.nullable(),
    endedAt: timeField.nullable(),
  }),
  {
    number: 1,
    name: 'create-role-and-schema',
    description: 'Create the roles and the schema "tenant_acme_corp" on the cluster "shared-1".',
    state: 'done',
    pointOfNoReturn: false,
    attempts: 1,
    progress: null,
    error: null,
    startedAt: '2026-11-21T09:30:00.000Z',
    endedAt: '2026-11-21T09:30:00.120Z',
  },
);

export const operationDto = output(
  'Operation',
  z.object({
    id: uuidField,
    kind: z.enum(operationKinds),
    tenantId: z.string(),
    clusterIds: z.array(z.string()),
    state: z.enum(operationStates),
    reason: z.string().nullable().meta({ description: 'Why it waits, failed or needs an operator, and what to do.' }),
    error: errorDto.nullable(),
    cancelRequestedAt: timeField.nullable(),
    requestedBy: z.string(),
    steps: z.array(stepDto),
    result: z.record(z.string(), z.unknown()).nullable(),
    nextAttemptAt: timeField.nullable(),
    createdAt: timeField,
    startedAt: timeField.nullable(),
    endedAt: timeField.nullable(),
  }),
  {
    id: '0192f3a4-5b6c-7d8e-9f00-112233445566',
    kind: 'provision-tenant',
    tenantId: 'acme-corp',
    clusterIds: ['shared-1'],
    state: 'running',
    reason: null,
    error: null,
    cancelRequestedAt: null,
    requestedBy: 'key:bootstrap-0a1b2c3d4e5f',
    steps: [],
    result: null,
    nextAttemptAt: null,
    createdAt: '2026-11-21T09:30:00.000Z',
    startedAt: '2026-11-21T09:30:00.010Z',
    endedAt: null,
  },
);
export type OperationBody = z.output<typeof operationDto>;

/** One event of the stream: OpenAPI 3.1 has no word for a stream of them. */
export const operationEvent = z
  .object({
    id: z.string().optional().meta({ description: 'What `Last-Event-ID` takes; the event `end` has none.' }),
    event: z.enum(['operation', 'end']),
    data: z.string().meta({
      description:
        'JSON: the whole operation, or `{}` at the end. With `moveProgress`, the `progress` of its move, where it works on one.',
    }),
  })
  .meta({
    example: {
      id: '7',
      event: 'operation' as const,
      data: '{"id":"0192f3a4-5b6c-7d8e-9f00-112233445566","state":"running"}',
    },
  });

export const operationPage = pageOf('OperationPage', operationDto);

export const findingDto = output(
  'Finding',
  z.object({
    code: z.string(),
    severity: z.enum(['error', 'warning', 'info']).meta({ description: '`error` keeps the operation from starting.' }),
    object: z.string(),
    message: z.string(),
    remedy: z.string().nullable().meta({ description: 'What to type or do.' }),
  }),
  {
    code: 'missing-grant',
    severity: 'warning',
    object: 'table "tenant_acme_corp"."album"',
    message: 'berth_service has no SELECT on it.',
    remedy: 'berth tenants repair acme-corp',
  },
);

export const planDto = output(
  'OperationPlan',
  z.object({
    kind: z.enum(operationKinds),
    tenantId: z.string(),
    clusterIds: z.array(z.string()),
    steps: z.array(
      z.object({ number: z.number().int(), name: z.string(), description: z.string(), pointOfNoReturn: z.boolean() }),
    ),
    findings: z.array(findingDto),
    decision: decisionDto
      .nullable()
      .meta({ description: 'Why this cluster was chosen, for operations that choose one.' }),
    wouldStart: z.boolean().meta({ description: 'False: a finding of severity `error` keeps it from starting.' }),
  }),
  {
    kind: 'provision-tenant',
    tenantId: 'acme-corp',
    clusterIds: ['shared-1'],
    steps: [
      {
        number: 1,
        name: 'create-role-and-schema',
        description: 'Create the roles and the schema "tenant_acme_corp" on the cluster "shared-1".',
        pointOfNoReturn: false,
      },
    ],
    findings: [],
    decision: decisionExample,
    wouldStart: true,
  },
);

export const operationPath = z.strictObject({ operationId: uuidField });

export const operationListQuery = z.strictObject({
  tenantId: tenantIdField.optional(),
  state: z.enum(operationStates).optional().meta({ example: 'needs-operator' }),
  kind: z.enum(operationKinds).optional().meta({ example: 'move-tenant' }),
  ...pageFieldsOf('bzoxNw'),
});

export function operationBody(operation: Operation): OperationBody {
  return {
    ...pickOperation(operation),
    steps: operation.steps.map(stepBody),
    cancelRequestedAt: timeOrNull(operation.cancelRequestedAt),
    nextAttemptAt: timeOrNull(operation.nextAttemptAt),
    createdAt: time(operation.createdAt),
    startedAt: timeOrNull(operation.startedAt),
    endedAt: timeOrNull(operation.endedAt),
  };
}

function pickOperation({ id, kind, tenantId, clusterIds, state, reason, error, requestedBy, result }: Operation) {
  return { id, kind, tenantId, clusterIds: [...clusterIds], state, reason, error, requestedBy, result };
}

function stepBody({
  number,
  name,
  description,
  state,
  pointOfNoReturn,
  attempts,
  progress,
  error,
  startedAt,
  endedAt,
}: OperationStep) {
  return {
    number,
    name,
    description,
    state,
    pointOfNoReturn,
    attempts,
    progress: progress === null ? null : progressBody(progress),
    error,
    startedAt: timeOrNull(startedAt),
    endedAt: timeOrNull(endedAt),
  };
}

function progressBody({ text, done, total, unit, also = [], at, secondsLeft }: NotedProgress) {
  return { text, done, total, unit, also: [...also], at: at ?? null, secondsLeft: secondsLeft ?? null };
}

export function planBody(plan: OperationPlan): z.output<typeof planDto> {
  return {
    kind: plan.kind,
    tenantId: plan.tenantId,
    clusterIds: [...plan.clusterIds],
    steps: plan.steps.map(({ name, description, pointOfNoReturn }, index) => ({
      number: index + 1,
      name,
      description,
      pointOfNoReturn,
    })),
    findings: plan.findings.map(findingBody),
    decision: plan.decision === null ? null : decisionBody(plan.decision),
    wouldStart: plan.findings.every(({ severity }) => severity !== 'error'),
  };
}

export function findingBody({ code, severity, object, message, remedy }: Finding): z.output<typeof findingDto> {
  return { code, severity, object, message, remedy };
}

export function operationFilter(query: z.output<typeof operationListQuery>) {
  return given({ tenantId: query.tenantId, state: query.state, kind: query.kind });
}
