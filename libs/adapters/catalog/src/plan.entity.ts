import type { Plan, Tier } from '@berth/domain';
import { EntitySchema } from 'typeorm';

export interface PlanRow {
  readonly name: string;
  readonly tier: Tier;
  readonly connectionLimit: number;
  readonly statementTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
  readonly description: string;
  readonly version: number;
}

export const planEntity = new EntitySchema<PlanRow>({
  name: 'plan',
  tableName: 'plans',
  schema: 'berth',
  columns: {
    name: { type: 'text', primary: true, collation: 'C' },
    tier: { type: 'text' },
    connectionLimit: { type: 'integer', name: 'connection_limit' },
    statementTimeoutMs: { type: 'integer', name: 'statement_timeout_ms' },
    idleInTransactionTimeoutMs: { type: 'integer', name: 'idle_in_transaction_timeout_ms' },
    description: { type: 'text' },
    version: { type: 'integer', version: true },
  },
});

export function planOfRow({ name, tier, description, version, ...limits }: PlanRow): Plan {
  return { name, tier, limits, description, version };
}

export function rowOfPlan({ name, tier, limits, description }: Omit<Plan, 'version'>): Omit<PlanRow, 'version'> {
  return { name, tier, description, ...limits };
}
