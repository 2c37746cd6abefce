import {
  BerthError,
  type Tenant,
  type TenantConstraints,
  type TenantId,
  type TenantState,
  tenantStates,
} from '@berth/domain';
import { type Page, type PageRequest, TenantCatalog } from '@berth/ports';
import { type CatalogDatabase, countStates, type Statements } from './catalog-database.js';
import { keyOf, pageOf, tenantCursor } from './page-cursor.js';
import { serverErrorOf } from './translate-error.js';

interface TenantRow {
  readonly id: TenantId;
  readonly state: TenantState;
  readonly reason: string | null;
  readonly plan: string;
  readonly constraints: TenantConstraints;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly quarantined_until: Date | null;
}

const columns = 'id, state, reason, plan, constraints, version, created_at, updated_at, quarantined_until';

const selectTenant = `SELECT ${columns} FROM berth.tenants WHERE id = $1`;

const transitionTenant = /* sql */ `
  UPDATE berth.tenants
  SET state = $3, reason = $4, version = version + 1, updated_at = now(),
    quarantined_until = CASE WHEN $3 = 'quarantined' THEN coalesce($5::timestamptz, quarantined_until) END
  WHERE id = $1 AND state = ANY ($2::text[]) AND NOT (state = $3 AND reason IS NOT DISTINCT FROM $4)
  RETURNING ${columns}
`;

const updateTenant = /* sql */ `
  UPDATE berth.tenants SET plan = $2, constraints = $3, version = version + 1, updated_at = now()
  WHERE id = $1 AND (plan, constraints) IS DISTINCT FROM ($2, $3::jsonb)
  RETURNING ${columns}
`;

const dueForRemoval = /* sql */ `
  SELECT id FROM berth.tenants WHERE state = 'quarantined' AND quarantined_until <= $1
  ORDER BY quarantined_until LIMIT $2
`;

type TenantFilter = Parameters<TenantCatalog['list']>[0];

export class SqlTenantCatalog extends TenantCatalog {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async get(id: TenantId): Promise<Tenant | null> {
    const row = await this.database.one<TenantRow>(selectTenant, [id]);
    return row === null ? null : tenantOf(row);
  }

  async list(filter: TenantFilter, page: PageRequest): Promise<Page<Tenant>> {
    const after = keyOf(tenantCursor, page);
    const { sql, parameters } = listStatement(filter, after, page.limit + 1);
    const rows = await this.database.rows<TenantRow>(sql, parameters);
    return pageOf(tenantCursor, page, rows, { item: tenantOf, key: (row) => row.id });
  }

  async transition(id: TenantId, change: Parameters<TenantCatalog['transition']>[1]): Promise<Tenant> {
    const { from, to, reason, quarantinedUntil = null } = change;
    const changed = await this.database.one<TenantRow>(transitionTenant, [id, from, to, reason, quarantinedUntil]);
    if (changed !== null) return tenantOf(changed);
    const present = await this.#require(this.database, id);
    if (present.state === to && present.reason === reason) return present;
    throw new BerthError('tenant-state', `The tenant ${id} is ${present.state} and cannot become ${to}.`, {
      details: { tenantId: id, state: present.state, wanted: to, allowedFrom: from },
    });
  }

  async update(
    id: TenantId,
    change: { readonly plan?: string; readonly constraints?: TenantConstraints },
    expectedVersion?: number,
  ): Promise<Tenant> {
    return await this.database.transaction(async (statements) => {
      const row = await statements.one<TenantRow>(`${selectTenant} FOR NO KEY UPDATE`, [id]);
      if (row === null) throw tenantNotFound(id);
      if (expectedVersion !== undefined && row.version !== expectedVersion) throw versionConflict(id, row.version);
      const wanted = { ...row, ...change };
      try {
        const parameters = [id, wanted.plan, JSON.stringify(wanted.constraints)];
        return tenantOf((await statements.one<TenantRow>(updateTenant, parameters)) ?? row);
      } catch (error) {
        throw serverErrorOf(error)?.code === '23503' ? planNotFound(wanted.plan) : error;
      }
    });
  }

  async dueForRemoval(now: Date, limit: number): Promise<readonly TenantId[]> {
    const rows = await this.database.rows<{ readonly id: TenantId }>(dueForRemoval, [now, limit]);
    return rows.map(({ id }) => id);
  }

  async countByState(): Promise<Readonly<Partial<Record<TenantState, number>>>> {
    const rows = await this.database.rows<{ readonly state: TenantState; readonly count: string }>(
      countStates('tenants'),
      [tenantStates],
    );
    return Object.fromEntries(
      rows.filter(({ count }) => count !== '0').map(({ state, count }) => [state, Number(count)]),
    );
  }

  async #require(statements: Statements, id: TenantId): Promise<Tenant> {
    const row = await statements.one<TenantRow>(selectTenant, [id]);
    if (row === null) throw tenantNotFound(id);
    return tenantOf(row);
  }
}

/** Only the conditions that are asked for: each combination is planned with the index that serves it. */
function listStatement(
  filter: TenantFilter,
  after: string | null,
  limit: number,
): { readonly sql: string; readonly parameters: readonly unknown[] } {
  const parameters: unknown[] = [];
  const given = (value: unknown): string => `$${String(parameters.push(value))}`;
  const conditions = [
    ...(after === null ? [] : [`id > ${given(after)}`]),
    ...(filter.tenantId === undefined ? [] : [`id = ${given(filter.tenantId)}`]),
    ...(filter.state === undefined ? [] : [`state = ${given(filter.state)}`]),
    ...(filter.plan === undefined ? [] : [`plan = ${given(filter.plan)}`]),
    // A range, not LIKE: what a stranger types is no pattern, and "~" follows every character of an id.
    ...(filter.prefix === undefined ? [] : [`id >= ${given(filter.prefix)} AND id < ${given(`${filter.prefix}~`)}`]),
    ...(filter.clusterId === undefined
      ? []
      : [
          `id IN (SELECT tenant_id FROM berth.placements WHERE cluster_id = ${given(filter.clusterId)} AND state <> 'retired')`,
        ]),
  ];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return { sql: `SELECT ${columns} FROM berth.tenants ${where} ORDER BY id LIMIT ${given(limit)}`, parameters };
}

function tenantOf(row: TenantRow): Tenant {
  return {
    id: row.id,
    state: row.state,
    reason: row.reason,
    plan: row.plan,
    constraints: row.constraints,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    quarantinedUntil: row.quarantined_until,
  };
}

export function tenantNotFound(id: string): BerthError {
  return new BerthError('tenant-not-found', `There is no tenant ${id}.`, { details: { tenantId: id } });
}

export function planNotFound(name: string): BerthError {
  return new BerthError('plan-not-found', `There is no plan ${name}.`, { details: { plan: name } });
}

function versionConflict(id: string, version: number): BerthError {
  return new BerthError(
    'version-conflict',
    `The tenant ${id} was changed by somebody else: it is at version ${String(version)}.`,
    {
      hint: 'Read the tenant again and repeat the change if it is still wanted.',
      details: { tenantId: id, version },
    },
  );
}
