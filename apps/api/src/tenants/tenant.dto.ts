import { z } from 'zod';
import { moveStrategies, placementStates, tenantStates, tiers, type Placement, type Tenant } from '@berth/domain';
import {
  dryRunQuery,
  flagField,
  input,
  labelsField,
  nameField,
  output,
  pageFieldsOf,
  pageOf,
  reasonField,
  tenantIdField,
  time,
  timeField,
  timeOrNull,
} from '../http/dto.js';
import { operationBody, operationDto } from '../operations/operation.dto.js';
import type { Operation } from '@berth/domain';

export const tenantPath = z.strictObject({ tenantId: tenantIdField });

const constraintsDto = z.strictObject({
  labels: labelsField.default({}),
  minPostgresMajor: z
    .number()
    .int()
    .min(10)
    .max(99)
    .optional()
    .meta({ description: 'Lowest PostgreSQL major version.', example: 15 }),
});

export const createTenantBody = input(
  'CreateTenant',
  z.strictObject({
    id: tenantIdField,
    plan: nameField,
    constraints: constraintsDto.optional(),
    clusterId: nameField
      .optional()
      .meta({ description: 'Only this cluster; without it the emptiest that fits is taken.' }),
  }),
  { id: 'acme-corp', plan: 'starter', constraints: { labels: { region: 'eu-central-1' } } },
);

export const adoptTenantBody = input(
  'AdoptTenant',
  z.strictObject({
    schema: z
      .string()
      .min(1)
      .refine(
        (name) => Buffer.byteLength(name) <= 63 && !name.includes('\0'),
        'is no name of a schema: 63 bytes at most',
      )
      .meta({
        description: 'The schema that is there, by its name, which it keeps: 63 bytes at most.',
        maxLength: 63,
        example: 'legacy_acme',
      }),
    clusterId: nameField.meta({ description: 'The shared cluster whose database holds it.' }),
    plan: nameField,
    constraints: constraintsDto.optional(),
    migratedTo: z.string().min(1).max(200).optional().meta({
      description:
        'The newest migration of the product that the schema has: it and all before it are recorded as applied. None is run.',
      example: '014_invoices',
    }),
  }),
  { schema: 'legacy_acme', clusterId: 'shared-1', plan: 'starter', migratedTo: '014_invoices' },
);

export const reasonBody = input('Reason', z.strictObject({ reason: reasonField }), { reason: 'invoice unpaid' });

export const changePlanBody = input(
  'ChangePlan',
  z.strictObject({
    plan: nameField,
    strategy: z.enum(moveStrategies).default('dump').meta({ description: 'How to move when the tier changes.' }),
  }),
  { plan: 'enterprise', strategy: 'dump' },
);

export const deleteTenantQuery = dryRunQuery.extend({
  reason: reasonField,
  now: flagField('Removes at once, without quarantine and retention.'),
});

export const tenantListQuery = z.strictObject({
  state: z.enum(tenantStates).optional().meta({ example: 'ready' }),
  plan: nameField.optional().meta({ example: 'starter' }),
  cluster: nameField.optional(),
  prefix: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .max(40)
    .optional()
    .meta({ description: 'How the id begins.', example: 'acme' }),
  ...pageFieldsOf('dDphY21lLWNvcnA'),
});

const tenantFields = {
  id: z.string(),
  state: z.enum(tenantStates),
  reason: z.string().nullable().meta({ description: 'What is wrong and what to type; null: nothing to say.' }),
  plan: z.string(),
  constraints: z.object({ labels: z.record(z.string(), z.string()), minPostgresMajor: z.number().int().optional() }),
  version: z.number().int(),
  quarantinedUntil: timeField.nullable(),
  createdAt: timeField,
  updatedAt: timeField,
};

const tenantExample = {
  id: 'acme-corp',
  state: 'ready' as const,
  reason: null,
  plan: 'starter',
  constraints: { labels: { region: 'eu-central-1' } },
  version: 3,
  quarantinedUntil: null,
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:01.000Z',
};

export const tenantDto = output('Tenant', z.object(tenantFields), tenantExample);
export const tenantPage = pageOf('TenantPage', tenantDto);

export const placementDto = output(
  'Placement',
  z.object({
    generation: z.number().int().meta({ description: 'Grows with each placement of the tenant.' }),
    state: z.enum(placementStates),
    tier: z.enum(tiers),
    clusterId: z.string(),
    database: z.string(),
    schema: z.string(),
    ownerRole: z.string(),
    operationId: z.string(),
    createdAt: timeField,
    endedAt: timeField.nullable(),
  }),
  {
    generation: 1,
    state: 'current',
    tier: 'shared',
    clusterId: 'shared-1',
    database: 'tenants',
    schema: 'tenant_acme_corp',
    ownerRole: 'tenant_acme_corp',
    operationId: '0192f3a4-5b6c-7d8e-9f00-112233445566',
    createdAt: '2026-11-21T09:30:00.000Z',
    endedAt: null,
  },
);
export const placementList = output('PlacementList', z.object({ items: z.array(placementDto) }), {
  items: [
    {
      generation: 1,
      state: 'current',
      tier: 'shared',
      clusterId: 'shared-1',
      database: 'tenants',
      schema: 'tenant_acme_corp',
      ownerRole: 'tenant_acme_corp',
      operationId: '0192f3a4-5b6c-7d8e-9f00-112233445566',
      createdAt: '2026-11-21T09:30:00.000Z',
      endedAt: null,
    },
  ],
});

export const tenantDetailDto = output(
  'TenantDetail',
  z.object({
    ...tenantFields,
    placement: placementDto.nullable().meta({ description: 'Where its data is now.' }),
    previousPlacements: z.array(placementDto).meta({ description: 'Newest first.' }),
    lastOperation: operationDto.nullable().meta({ description: 'The newest operation, running or ended.' }),
  }),
  { ...tenantExample, placement: null, previousPlacements: [], lastOperation: null },
);

export function tenantBody(tenant: Tenant): z.output<typeof tenantDto> {
  return {
    id: tenant.id,
    state: tenant.state,
    reason: tenant.reason,
    plan: tenant.plan,
    constraints: {
      labels: { ...tenant.constraints.labels },
      ...(tenant.constraints.minPostgresMajor !== undefined && {
        minPostgresMajor: tenant.constraints.minPostgresMajor,
      }),
    },
    version: tenant.version,
    quarantinedUntil: timeOrNull(tenant.quarantinedUntil),
    createdAt: time(tenant.createdAt),
    updatedAt: time(tenant.updatedAt),
  };
}

export function placementBody(placement: Placement): z.output<typeof placementDto> {
  const { generation, state, tier, clusterId, database, schema, ownerRole, operationId } = placement;
  return {
    ...{ generation, state, tier, clusterId, database, schema, ownerRole, operationId },
    createdAt: time(placement.createdAt),
    endedAt: timeOrNull(placement.endedAt),
  };
}

export function tenantDetailBody(
  tenant: Tenant,
  placements: readonly Placement[],
  operation: Operation | undefined,
): z.output<typeof tenantDetailDto> {
  const newestFirst = [...placements].sort((one, other) => other.generation - one.generation);
  const current = newestFirst.find(({ state }) => state === 'current');
  return {
    ...tenantBody(tenant),
    placement: current === undefined ? null : placementBody(current),
    previousPlacements: newestFirst.filter((placement) => placement !== current).map(placementBody),
    lastOperation: operation === undefined ? null : operationBody(operation),
  };
}

export function constraintsOf(body: Pick<z.output<typeof createTenantBody>, 'constraints'>): Tenant['constraints'] {
  const { labels = {}, minPostgresMajor } = body.constraints ?? {};
  return minPostgresMajor === undefined ? { labels } : { labels, minPostgresMajor };
}
