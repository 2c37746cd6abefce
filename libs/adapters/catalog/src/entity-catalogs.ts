import { BerthError, type Cluster, type Plan } from '@berth/domain';
import { ClusterCatalog, PlanCatalog } from '@berth/ports';
import type { EntityManager } from 'typeorm';
import type { CatalogDatabase, Statements } from './catalog-database.js';
import { clusterEntity } from './cluster.entity.js';
import { planEntity, planOfRow, rowOfPlan } from './plan.entity.js';
import { serverErrorOf } from './translate-error.js';

const lock = { mode: 'pessimistic_write' } as const;

type Registration = Parameters<ClusterCatalog['add']>[0];
type ClusterChange = Parameters<ClusterCatalog['update']>[1];

/** Clusters are few and change rarely: entities and their repository do. */
export class EntityClusterCatalog extends ClusterCatalog {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async get(id: string): Promise<Cluster | null> {
    return await this.database.entities((manager) => manager.findOneBy(clusterEntity, { id }));
  }

  async list(): Promise<readonly Cluster[]> {
    return await this.database.entities((manager) => manager.find(clusterEntity, { order: { id: 'ASC' } }));
  }

  async add(cluster: Registration): Promise<Cluster> {
    return await this.database.transaction(async (_, manager) => {
      await manager
        .createQueryBuilder()
        .insert()
        .into(clusterEntity)
        .values({ ...cluster })
        .orIgnore()
        .execute();
      const present = await requireCluster(manager, cluster.id);
      if (isSameRegistration(cluster, present)) return present;
      throw new BerthError('cluster-exists', `The cluster ${cluster.id} is registered already, with other facts.`, {
        hint: 'Change the registered cluster, or choose another id.',
        details: { clusterId: cluster.id },
      });
    });
  }

  async update(id: string, change: ClusterChange, expectedVersion?: number): Promise<Cluster> {
    return await this.database.transaction(async (_, manager) => {
      const present = await requireCluster(manager, id);
      if (expectedVersion !== undefined && present.version !== expectedVersion) {
        throw versionConflict('cluster', id, present.version);
      }
      return await manager.save(clusterEntity, { ...present, ...change });
    });
  }

  async remove(id: string, expectedVersion?: number): Promise<void> {
    await this.database.transaction(async (statements, manager) => {
      // Whoever reserves a placement locks this row too, so none can come in between.
      const present = await manager.findOne(clusterEntity, { where: { id }, lock });
      if (present === null) return;
      if (expectedVersion !== undefined && present.version !== expectedVersion) {
        throw versionConflict('cluster', id, present.version);
      }
      const live = await statements.one(
        `SELECT 1 FROM berth.placements WHERE cluster_id = $1 AND state <> 'retired' LIMIT 1`,
        [id],
      );
      if (live !== null) {
        throw new BerthError('cluster-in-use', `The cluster ${id} still holds tenants.`, {
          hint: 'Drain the cluster first.',
          details: { clusterId: id },
        });
      }
      await manager.delete(clusterEntity, { id });
    });
  }

  async tenantCounts(): Promise<Readonly<Record<string, number>>> {
    const rows = await this.database.rows<{ readonly cluster_id: string; readonly live: string }>(
      `SELECT cluster_id, count(*) AS live FROM (
         SELECT cluster_id FROM berth.placements WHERE state <> 'retired'
         UNION ALL
         SELECT to_cluster_id FROM berth.moves m WHERE state NOT IN ('completed', 'cancelled') AND NOT EXISTS (
           SELECT FROM berth.placements p WHERE p.tenant_id = m.tenant_id AND p.generation = m.to_generation)
       ) AS taken GROUP BY cluster_id`,
    );
    return Object.fromEntries(rows.map((row) => [row.cluster_id, Number(row.live)]));
  }
}

/** Plans: at most a few dozen rows. */
export class EntityPlanCatalog extends PlanCatalog {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async get(name: string): Promise<Plan | null> {
    const row = await this.database.entities((manager) => manager.findOneBy(planEntity, { name }));
    return row === null ? null : planOfRow(row);
  }

  async list(): Promise<readonly Plan[]> {
    const rows = await this.database.entities((manager) => manager.find(planEntity, { order: { name: 'ASC' } }));
    return rows.map(planOfRow);
  }

  async put(plan: Omit<Plan, 'version'>, expectedVersion?: number): Promise<Plan> {
    return await this.database.transaction(async (statements, manager) => {
      const row = rowOfPlan(plan);
      if (expectedVersion === undefined) {
        await manager.createQueryBuilder().insert().into(planEntity).values(row).orIgnore().execute();
      }
      const present = await manager.findOne(planEntity, { where: { name: plan.name }, lock });
      if (present === null) throw versionConflict('plan', plan.name, 0);
      if (expectedVersion !== undefined && present.version !== expectedVersion) {
        throw versionConflict('plan', plan.name, present.version);
      }
      // A tenant that is created meanwhile waits for this row's lock, by its foreign key.
      if (present.tier !== plan.tier && (await hasTenants(statements, plan.name))) throw planInUse(plan.name);
      return planOfRow(await manager.save(planEntity, { ...present, ...row }));
    });
  }

  async remove(name: string, expectedVersion?: number): Promise<void> {
    const wanted = { name, ...(expectedVersion !== undefined && { version: expectedVersion }) };
    try {
      const { affected } = await this.database.entities((manager) => manager.delete(planEntity, wanted));
      const present = affected === 0 ? await this.get(name) : null;
      if (present !== null) throw versionConflict('plan', name, present.version);
    } catch (error) {
      const refused = error instanceof BerthError && serverErrorOf(error.cause)?.code === '23503';
      if (!refused) throw error;
      throw planInUse(name);
    }
  }
}

async function hasTenants(statements: Statements, plan: string): Promise<boolean> {
  const sql = `SELECT 1 FROM berth.tenants WHERE plan = $1 AND state NOT IN ('failed', 'removed') LIMIT 1`;
  return (await statements.one(sql, [plan])) !== null;
}

function planInUse(name: string): BerthError {
  return new BerthError('plan-in-use', `The plan ${name} has tenants.`, {
    hint: 'Give those tenants another plan first.',
    details: { plan: name },
  });
}

async function requireCluster(manager: EntityManager, id: string): Promise<Cluster> {
  const present = await manager.findOne(clusterEntity, { where: { id }, lock });
  if (present !== null) return present;
  throw new BerthError('cluster-not-found', `There is no cluster ${id}.`, { details: { clusterId: id } });
}

/** The state may have changed since: a step that registers its cluster again must not fail over a cordon. */
function isSameRegistration(wanted: Registration, present: Cluster): boolean {
  const facts = ({ tier, host, port, sslMode, ca, database, postgresMajor, labels, managed }: Registration) =>
    JSON.stringify([tier, host, port, sslMode, ca, database, postgresMajor, managed, Object.entries(labels).sort()]);
  return facts(wanted) === facts(present);
}

function versionConflict(what: string, name: string, version: number): BerthError {
  return new BerthError(
    'version-conflict',
    `The ${what} ${name} was changed by somebody else: it is at version ${String(version)}.`,
    {
      hint: `Read the ${what} again and repeat the change if it is still wanted.`,
      details: { version },
    },
  );
}
