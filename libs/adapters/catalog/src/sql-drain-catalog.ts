import { BerthError, type Drain, type DrainTenant, type TenantId } from '@berth/domain';
import { DrainCatalog } from '@berth/ports';
import type { CatalogDatabase } from './catalog-database.js';

const isOpen = `state IN ('running', 'stopping')`;

const drainColumns = /* sql */ `
  id, cluster_id AS "clusterId", strategy, complete, at_once AS "atOnce", state, requested_by AS "requestedBy",
  created_at AS "createdAt", ended_at AS "endedAt"
`;

const tenantColumns = /* sql */ `
  tenant_id AS "tenantId", state, move_id AS "moveId", target_cluster_id AS "targetClusterId", error
`;

const insertDrain = /* sql */ `
  INSERT INTO berth.drains (id, cluster_id, strategy, complete, at_once, requested_by) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (cluster_id) WHERE ${isOpen} DO NOTHING
  RETURNING ${drainColumns}
`;

const insertTenants = /* sql */ `
  INSERT INTO berth.drain_tenants (drain_id, tenant_id) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING
`;

/** What is undefined keeps what is there; `$7` tells whether an error was given, since null clears it. */
const changeTenant = /* sql */ `
  UPDATE berth.drain_tenants
  SET state = coalesce($3, state), move_id = coalesce($4, move_id), target_cluster_id = coalesce($5, target_cluster_id),
    error = CASE WHEN $7 THEN $6::jsonb ELSE error END
  WHERE drain_id = $1 AND tenant_id = $2
`;

/** Times are kept in whole milliseconds, so `now` is rounded as they are: else what was let go this very moment could be of the next. */
const claimDrains = /* sql */ `
  UPDATE berth.drains SET driven_until = now() + $1 * interval '1 millisecond'
  WHERE id IN (SELECT id FROM berth.drains WHERE ${isOpen} AND driven_until <= now()::timestamptz(3) FOR UPDATE SKIP LOCKED)
  RETURNING ${drainColumns}
`;

const stopDrain = /* sql */ `
  UPDATE berth.drains SET state = 'stopping' WHERE id = $1 AND ${isOpen} RETURNING ${drainColumns}
`;

const endDrain = /* sql */ `
  UPDATE berth.drains
  SET state = CASE state WHEN 'running' THEN 'finished' ELSE 'stopped' END, ended_at = now()
  WHERE id = $1 AND ${isOpen}
`;

export class SqlDrainCatalog extends DrainCatalog {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async start(drain: Parameters<DrainCatalog['start']>[0], tenantIds: readonly TenantId[]): Promise<Drain> {
    const { id, clusterId, strategy, complete, atOnce, requestedBy } = drain;
    return await this.database.transaction(async (statements) => {
      const parameters = [id, clusterId, strategy, complete, atOnce, requestedBy];
      const started = await statements.one<Drain>(insertDrain, parameters);
      if (started === null) throw drainsAlready(clusterId);
      await statements.rows(insertTenants, [id, tenantIds]);
      return started;
    });
  }

  async newestOf(clusterId: string): Promise<Drain | null> {
    return await this.database.one<Drain>(
      `SELECT ${drainColumns} FROM berth.drains WHERE cluster_id = $1 ORDER BY seq DESC LIMIT 1`,
      [clusterId],
    );
  }

  async tenants(drainId: string): Promise<readonly DrainTenant[]> {
    return await this.database.rows<DrainTenant>(
      `SELECT ${tenantColumns} FROM berth.drain_tenants WHERE drain_id = $1 ORDER BY tenant_id`,
      [drainId],
    );
  }

  async add(drainId: string, tenantIds: readonly TenantId[]): Promise<void> {
    await this.database.rows(insertTenants, [drainId, tenantIds]);
  }

  async record(
    drainId: string,
    tenantId: TenantId,
    { state, moveId, targetClusterId, error }: Parameters<DrainCatalog['record']>[2],
  ): Promise<void> {
    await this.database.rows(changeTenant, [
      drainId,
      tenantId,
      state ?? null,
      moveId ?? null,
      targetClusterId ?? null,
      error === undefined || error === null ? null : JSON.stringify(error),
      error !== undefined,
    ]);
  }

  async claim(driveMs: number): Promise<readonly Drain[]> {
    return await this.database.rows<Drain>(claimDrains, [driveMs]);
  }

  async release(drainId: string): Promise<void> {
    await this.database.rows('UPDATE berth.drains SET driven_until = now() WHERE id = $1', [drainId]);
  }

  async stop(drainId: string): Promise<Drain> {
    const stopping = await this.database.one<Drain>(stopDrain, [drainId]);
    if (stopping !== null) return stopping;
    throw new BerthError('drain-not-found', `There is no drain ${drainId} under way.`, { details: { drainId } });
  }

  async end(drainId: string): Promise<void> {
    await this.database.rows(endDrain, [drainId]);
  }
}

function drainsAlready(clusterId: string): BerthError {
  return new BerthError('cluster-draining', `The cluster ${clusterId} is being drained already.`, {
    hint: `Watch it: berth clusters drain ${clusterId} --show. Or stop it: berth clusters drain ${clusterId} --stop`,
    details: { clusterId },
  });
}
