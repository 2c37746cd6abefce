import { z } from 'zod';
import { operationKinds, operationStates, type PlacementDecision } from '@berth/domain';
import { output, timeField, timeOrNull, time } from '../http/dto.js';
import { placementBody, placementDto } from '../tenants/tenant.dto.js';
import { decisionBody, decisionDto, decisionExample } from './decision.dto.js';
import type { PlacementExplanation } from './explain-placement.js';

export const explanationDto = output(
  'PlacementExplanation',
  z.object({
    tenantId: z.string(),
    placement: placementDto.meta({ description: 'Where it is, or where it is about to be.' }),
    decidedBy: z
      .object({
        operationId: z.string(),
        kind: z.enum(operationKinds),
        state: z.enum(operationStates),
        requestedBy: z.string(),
        createdAt: timeField,
        endedAt: timeField.nullable(),
      })
      .nullable()
      .meta({ description: 'The operation that brought it there.' }),
    decision: decisionDto.nullable().meta({ description: 'As it was decided then; null: nothing was chosen.' }),
    now: decisionDto.meta({ description: 'What would be chosen now, its own place included.' }),
  }),
  {
    tenantId: 'acme-corp',
    placement: {
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
    decidedBy: {
      operationId: '0192f3a4-5b6c-7d8e-9f00-112233445566',
      kind: 'provision-tenant',
      state: 'succeeded',
      requestedBy: 'key:bootstrap-0a1b2c3d4e5f',
      createdAt: '2026-11-21T09:30:00.000Z',
      endedAt: '2026-11-21T09:30:01.000Z',
    },
    decision: decisionExample,
    now: decisionExample,
  },
);

/** `onlyChosen`: for a tenant's own eyes, who has no business with the other clusters. */
export function explanationBody(
  { tenantId, placement, operation, now }: PlacementExplanation,
  { onlyChosen }: { readonly onlyChosen: boolean },
): z.output<typeof explanationDto> {
  const shown = (decision: PlacementDecision): z.output<typeof decisionDto> =>
    decisionBody(onlyChosen ? withoutOthers(decision) : decision);
  return {
    tenantId,
    placement: placementBody(placement),
    decidedBy: operation && {
      operationId: operation.id,
      kind: operation.kind,
      state: operation.state,
      requestedBy: operation.requestedBy,
      createdAt: time(operation.createdAt),
      endedAt: timeOrNull(operation.endedAt),
    },
    decision: operation === null || operation.decision === null ? null : shown(operation.decision),
    now: shown(now),
  };
}

function withoutOthers({ chosen, because, considered, ...rest }: PlacementDecision): PlacementDecision {
  const seen = considered.filter(({ clusterId }) => clusterId === chosen);
  return { ...rest, chosen, because: chosen === null ? 'none fits' : because, considered: seen };
}
