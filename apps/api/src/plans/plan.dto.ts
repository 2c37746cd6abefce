import { z } from 'zod';
import { tiers, type Plan } from '@berth/domain';
import { input, nameField, output } from '../http/dto.js';

export const planPath = z.strictObject({ plan: nameField.meta({ example: 'starter' }) });

const limit = z.number().int().min(0).max(2_147_483_647);
const limitFields = {
  connectionLimit: z.number().int().min(1).max(10_000),
  statementTimeoutMs: limit.meta({ description: 'In ms; 0: no limit.' }),
  idleInTransactionTimeoutMs: limit.meta({ description: 'In ms; 0: no limit.' }),
};
const limits = { connectionLimit: 10, statementTimeoutMs: 30_000, idleInTransactionTimeoutMs: 60_000 };

export const putPlanBody = input(
  'PutPlan',
  z.strictObject({
    tier: z.enum(tiers),
    limits: z.strictObject(limitFields),
    description: z.string().max(500).default(''),
  }),
  { tier: 'shared', limits, description: 'Small teams.' },
);

export const planDto = output(
  'Plan',
  z.object({
    name: z.string(),
    tier: z.enum(tiers),
    limits: z.object(limitFields),
    description: z.string(),
    version: z.number().int(),
  }),
  { name: 'starter', tier: 'shared', limits, description: 'Small teams.', version: 1 },
);

export const planList = output('PlanList', z.object({ items: z.array(planDto) }), {
  items: [{ name: 'starter', tier: 'shared', limits, description: 'Small teams.', version: 1 }],
});

export function planBody({
  name,
  tier,
  limits: { connectionLimit, statementTimeoutMs, idleInTransactionTimeoutMs },
  description,
  version,
}: Plan): z.output<typeof planDto> {
  return {
    name,
    tier,
    limits: { connectionLimit, statementTimeoutMs, idleInTransactionTimeoutMs },
    description,
    version,
  };
}
