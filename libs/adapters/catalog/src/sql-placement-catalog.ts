import { BerthError, type Placement, type PlacementState, type TenantId, type Tier } from '@berth/domain';
import { PlacementCatalog } from '@berth/ports';
import type { CatalogDatabase, Statements } from './catalog-database.js';
import { serverErrorOf } from './translate-error.js';

interface PlacementRow {
  readonly tenant_id: TenantId;
  readonly generation: number;
  readonly state: PlacementState;
  readonly tier: Tier;
  readonly cluster_id: string;
  readonly database_name: string;
  readonly schema_name: string;
  readonly owner_role: string;
  readonly login_a: string;
  readonly login_b: string;
  readonly operation_id: string;
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

type Reservation = Parameters<PlacementCatalog['reserve']>[0];

const ofTenant = 'SELECT * FROM berth.placements WHERE tenant_id = $1';

const insertPlacement = /* sql */ `
  INSERT INTO berth.placements (tenant_id, generation, state, tier, cluster_id, database_name, schema_name, owner_role,
    login_a, login_b, operation_id)
  VALUES ($1, $2, 'preparing', $3, $4, $5, $6, $7, $8, $9, $10)
  RETURNING *
`;

/** The same place once more: what names it is taken over, whoever made it. */
const insertReturned = /* sql */ `
  INSERT INTO berth.placements (tenant_id, generation, state, tier, cluster_id, database_name, schema_name, owner_role,
    login_a, login_b, operation_id)
  SELECT tenant_id, $3, 'current', tier, cluster_id, database_name, schema_name, owner_role, login_a, login_b, $4
  FROM berth.placements WHERE tenant_id = $1 AND generation = $2
`;

/** The lock on the row makes reservations of one cluster wait for each other, so that its limit cannot be overrun. */
const lockCluster = /* sql */ `
  SELECT state, max_tenants FROM berth.clusters WHERE id = $1 FOR NO KEY UPDATE
`;

const countLive = `SELECT count(*)::integer AS live FROM berth.placements WHERE cluster_id = $1 AND state <> 'retired'`;

const retire = /* sql */ `
  UPDATE berth.placements SET state = 'retired', ended_at = now()
  WHERE tenant_id = $1 AND generation = $2 AND state IN ('preparing', 'previous')
`;

const retireAll = /* sql */ `
  UPDATE berth.placements SET state = 'retired', ended_at = now() WHERE tenant_id = $1 AND state <> 'retired'
`;

export class SqlPlacementCatalog extends PlacementCatalog {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async current(id: TenantId): Promise<Placement | null> {
    const row = await this.database.one<PlacementRow>(`${ofTenant} AND state = 'current'`, [id]);
    return row === null ? null : placementOf(row);
  }

  async history(id: TenantId): Promise<readonly Placement[]> {
    const rows = await this.database.rows<PlacementRow>(`${ofTenant} ORDER BY generation`, [id]);
    return rows.map(placementOf);
  }

  async get(id: TenantId, generation: number): Promise<Placement | null> {
    const row = await this.database.one<PlacementRow>(`${ofTenant} AND generation = $2`, [id, generation]);
    return row === null ? null : placementOf(row);
  }

  async nextGeneration(id: TenantId): Promise<number> {
    const row = await this.database.one<{ readonly next: number }>(
      'SELECT coalesce(max(generation), 0) + 1 AS next FROM berth.placements WHERE tenant_id = $1',
      [id],
    );
    return row?.next ?? 1;
  }

  async reserve(placement: Reservation): Promise<Placement> {
    const { tenantId, generation, clusterId, schema } = placement;
    try {
      return await this.database.transaction(async (statements) => {
        const taken = await statements.one<PlacementRow>(`${ofTenant} AND generation = $2`, [tenantId, generation]);
        if (taken !== null) return reservedBefore(placement, placementOf(taken));
        await refuseFullCluster(statements, placement);
        const row = await statements.one<PlacementRow>(insertPlacement, insertParameters(placement));
        if (row === null) throw new Error('INSERT … RETURNING gave no row');
        return placementOf(row);
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      // Somebody was faster. The same operation in another attempt: its row is ours.
      const taken = await this.get(tenantId, generation);
      if (taken !== null) return reservedBefore(placement, taken);
      throw new BerthError('placement-conflict', `The schema ${schema} is taken on the cluster ${clusterId}.`, {
        details: { clusterId, schema },
      });
    }
  }

  async switchTo(id: TenantId, change: { readonly from: number | null; readonly to: number }): Promise<void> {
    await this.database.transaction(async (statements) => {
      const locked = await statements.rows<PlacementRow>(`${ofTenant} ORDER BY generation FOR NO KEY UPDATE`, [id]);
      const current = locked.find((row) => row.state === 'current')?.generation ?? null;
      if (current === change.to) return;
      const target = locked.find((row) => row.generation === change.to);
      if (current !== change.from || target === undefined || target.state === 'retired') {
        throw switchConflict(id, change, current, target?.state ?? null);
      }
      // The old one first: the unique index allows one current placement at every moment.
      const set = 'UPDATE berth.placements SET state = $3, ended_at = NULL WHERE tenant_id = $1 AND generation = $2';
      if (current !== null) await statements.rows(set, [id, current, 'previous']);
      await statements.rows(set, [id, change.to, 'current']);
    });
  }

  async returnTo(id: TenantId, change: Parameters<PlacementCatalog['returnTo']>[1]): Promise<void> {
    const { from, back, to, operationId } = change;
    await this.database.transaction(async (statements) => {
      const locked = await statements.rows<PlacementRow>(`${ofTenant} ORDER BY generation FOR NO KEY UPDATE`, [id]);
      const current = locked.find((row) => row.state === 'current') ?? null;
      if (current?.generation === to && current.operation_id === operationId) return;
      const kept = locked.find((row) => row.generation === back);
      const isNext = locked.every((row) => row.generation < to);
      if (current?.generation !== from || kept?.state !== 'previous' || !isNext) {
        throw switchConflict(id, { from, to }, current?.generation ?? null, kept?.state ?? null);
      }
      await statements.rows(retire, [id, back]);
      await statements.rows(`UPDATE berth.placements SET state = 'previous' WHERE tenant_id = $1 AND generation = $2`, [
        id,
        from,
      ]);
      await statements.rows(insertReturned, [id, back, to, operationId]);
    });
  }

  async retire(id: TenantId, generation: number): Promise<void> {
    await this.database.rows(retire, [id, generation]);
    const row = await this.get(id, generation);
    if (row?.state !== 'current') return;
    throw new BerthError(
      'placement-conflict',
      `Generation ${String(generation)} of ${id} is current and cannot be retired.`,
      {
        details: { tenantId: id, generation },
      },
    );
  }

  async retireAll(id: TenantId): Promise<void> {
    await this.database.rows(retireAll, [id]);
  }

  async onCluster(clusterId: string): Promise<readonly Placement[]> {
    const rows = await this.database.rows<PlacementRow>(
      `SELECT * FROM berth.placements WHERE cluster_id = $1 AND state <> 'retired' ORDER BY tenant_id, generation`,
      [clusterId],
    );
    return rows.map(placementOf);
  }
}

async function refuseFullCluster(statements: Statements, { clusterId, tier }: Reservation): Promise<void> {
  const cluster = await statements.one<{ readonly state: string; readonly max_tenants: number | null }>(lockCluster, [
    clusterId,
  ]);
  if (cluster === null) {
    // A dedicated instance is reserved before it is made; a shared cluster has to be there.
    if (tier === 'dedicated') return;
    throw new BerthError('cluster-not-found', `There is no cluster ${clusterId}.`, { details: { clusterId } });
  }
  if (cluster.state !== 'active') {
    throw new BerthError('cluster-cordoned', `The cluster ${clusterId} is ${cluster.state} and takes no new tenant.`, {
      details: { clusterId, state: cluster.state },
    });
  }
  if (cluster.max_tenants === null) return;
  const live = (await statements.one<{ readonly live: number }>(countLive, [clusterId]))?.live ?? 0;
  if (live < cluster.max_tenants) return;
  throw new BerthError('cluster-full', `The cluster ${clusterId} holds ${String(live)} tenants, as many as it may.`, {
    hint: 'Raise the limit of the cluster, or register another one.',
    details: { clusterId, tenants: live, maxTenants: cluster.max_tenants },
  });
}

function reservedBefore(wanted: Reservation, present: Placement): Placement {
  const same =
    present.operationId === wanted.operationId &&
    present.clusterId === wanted.clusterId &&
    present.database === wanted.database &&
    present.schema === wanted.schema;
  if (same) return present;
  const { tenantId, generation } = wanted;
  throw new BerthError(
    'placement-conflict',
    `Generation ${String(generation)} of ${tenantId} belongs to another operation.`,
    {
      details: { tenantId, generation, operationId: present.operationId },
    },
  );
}

function switchConflict(
  id: TenantId,
  change: { readonly from: number | null; readonly to: number },
  current: number | null,
  targetState: PlacementState | null,
): BerthError {
  const is = current === null ? 'no placement is current' : `generation ${String(current)} is current`;
  return new BerthError(
    'placement-conflict',
    `The tenant ${id} cannot switch to generation ${String(change.to)}: ${is}.`,
    {
      details: { tenantId: id, ...change, current, targetState },
    },
  );
}

function insertParameters(placement: Reservation): readonly unknown[] {
  const { tenantId, generation, tier, clusterId, database, schema, ownerRole, loginRoles, operationId } = placement;
  return [tenantId, generation, tier, clusterId, database, schema, ownerRole, loginRoles.a, loginRoles.b, operationId];
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof BerthError && serverErrorOf(error.cause)?.code === '23505';
}

function placementOf(row: PlacementRow): Placement {
  return {
    tenantId: row.tenant_id,
    clusterId: row.cluster_id,
    database: row.database_name,
    schema: row.schema_name,
    ownerRole: row.owner_role,
    loginRoles: { a: row.login_a, b: row.login_b },
    tier: row.tier,
    generation: row.generation,
    state: row.state,
    operationId: row.operation_id,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  };
}
