import { z } from 'zod';
import { tiers, type ConsideredCluster, type PlacementDecision } from '@berth/domain';
import { output } from '../http/dto.js';

const consideredDto = z.object({
  clusterId: z.string(),
  tenants: z.number().int(),
  room: z.number().int().nullable().meta({ description: 'Tenants that still fitted; null: no limit.' }),
  refusal: z
    .object({
      code: z.string(),
      because: z.string(),
      details: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
    })
    .nullable()
    .meta({ description: 'Why it could not be chosen; null: it would have done.' }),
});

export const decisionExample = {
  tier: 'shared' as const,
  constraints: { labels: { region: 'eu-central-1' } },
  askedFor: null,
  chosen: 'shared-1',
  because: 'the only one that fits',
  considered: [
    { clusterId: 'shared-1', tenants: 120, room: 1880, refusal: null },
    {
      clusterId: 'shared-us',
      tenants: 3,
      room: null,
      refusal: {
        code: 'constraint-broken',
        because: 'shared-us breaks the constraint region=eu-central-1: it has us-east-1.',
        details: { label: 'region', wanted: 'eu-central-1', found: 'us-east-1' },
      },
    },
  ],
};

export const decisionDto = output(
  'PlacementDecision',
  z.object({
    tier: z.enum(tiers),
    constraints: z.object({ labels: z.record(z.string(), z.string()), minPostgresMajor: z.number().int().optional() }),
    askedFor: z.string().nullable().meta({ description: 'The only cluster that was allowed; null: any.' }),
    chosen: z.string().nullable().meta({ description: 'Null: none fitted.' }),
    because: z.string(),
    considered: z.array(consideredDto),
  }),
  decisionExample,
);

export function decisionBody(decision: PlacementDecision): z.output<typeof decisionDto> {
  const { labels, minPostgresMajor } = decision.constraints;
  return {
    ...decision,
    constraints: { labels: { ...labels }, ...(minPostgresMajor !== undefined && { minPostgresMajor }) },
    considered: decision.considered.map(consideredBody),
  };
}

function consideredBody({ clusterId, tenants, room, refusal }: ConsideredCluster): z.output<typeof consideredDto> {
  return { clusterId, tenants, room, refusal: refusal && { ...refusal, details: { ...refusal.details } } };
}
