import { isDeepStrictEqual } from 'node:util';
import { BerthError, type Cluster, isClosedMove, type Plan } from '@berth/domain';
import { ClusterCatalog, PlanCatalog } from '@berth/ports';
import type { CatalogMemory } from './catalog-memory.js';

type Registration = Parameters<ClusterCatalog['add']>[0];

export class InMemoryClusterCatalog extends ClusterCatalog {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async get(id: string): Promise<Cluster | null> {
    return this.memory.clusters.get(id) ?? null;
  }

  async list(): Promise<readonly Cluster[]> {
    return [...this.memory.clusters.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
  }

  async add(cluster: Registration): Promise<Cluster> {
    const present = this.memory.clusters.get(cluster.id);
    if (present !== undefined) {
      if (isDeepStrictEqual(factsOf(cluster), factsOf(present))) return present;
      throw new BerthError('cluster-exists', `The cluster ${cluster.id} is registered already, with other facts.`);
    }
    const added: Cluster = { ...cluster, version: 1, createdAt: this.memory.now() };
    this.memory.clusters.set(cluster.id, added);
    return added;
  }

  async update(
    id: string,
    change: Parameters<ClusterCatalog['update']>[1],
    expectedVersion?: number,
  ): Promise<Cluster> {
    const present = this.memory.clusters.get(id);
    if (present === undefined) throw new BerthError('cluster-not-found', `There is no cluster ${id}.`);
    if (expectedVersion !== undefined && present.version !== expectedVersion) {
      throw new BerthError('version-conflict', `The cluster ${id} is at version ${String(present.version)}.`);
    }
    const wanted = { ...present, ...change };
    if (isDeepStrictEqual(wanted, present)) return present;
    const changed = { ...wanted, version: present.version + 1 };
    this.memory.clusters.set(id, changed);
    return changed;
  }

  async remove(id: string, expectedVersion?: number): Promise<void> {
    const present = this.memory.clusters.get(id);
    if (present !== undefined && present.version !== (expectedVersion ?? present.version))
      throw new BerthError('version-conflict', `The cluster ${id} is at version ${String(present.version)}.`);
    if ([...this.memory.placements.values()].some(({ clusterId, state }) => clusterId === id && state !== 'retired')) {
      throw new BerthError('cluster-in-use', `The cluster ${id} still holds tenants.`);
    }
    this.memory.clusters.delete(id);
  }

  async tenantCounts(): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {};
    for (const { clusterId, state } of this.memory.placements.values()) {
      if (state !== 'retired') counts[clusterId] = (counts[clusterId] ?? 0) + 1;
    }
    for (const { tenantId, toGeneration, toClusterId, state } of this.memory.moves.values()) {
      const reserved = [...this.memory.placements.values()].some(
        (one) => one.tenantId === tenantId && one.generation === toGeneration,
      );
      if (reserved || isClosedMove(state)) continue;
      counts[toClusterId] = (counts[toClusterId] ?? 0) + 1;
    }
    return counts;
  }
}

export class InMemoryPlanCatalog extends PlanCatalog {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async get(name: string): Promise<Plan | null> {
    return this.memory.plans.get(name) ?? null;
  }

  async list(): Promise<readonly Plan[]> {
    return [...this.memory.plans.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  async put(plan: Omit<Plan, 'version'>, expectedVersion?: number): Promise<Plan> {
    const present = this.memory.plans.get(plan.name);
    if (expectedVersion !== undefined && present?.version !== expectedVersion) {
      throw new BerthError('version-conflict', `The plan ${plan.name} is at version ${String(present?.version ?? 0)}.`);
    }
    const isInUse = [...this.memory.tenants.values()].some(
      (tenant) => tenant.plan === plan.name && tenant.state !== 'failed' && tenant.state !== 'removed',
    );
    if (present !== undefined && present.tier !== plan.tier && isInUse)
      throw new BerthError('plan-in-use', `The plan ${plan.name} has tenants.`);
    if (present !== undefined && isDeepStrictEqual({ ...plan, version: present.version }, present)) return present;
    const changed = { ...plan, version: (present?.version ?? 0) + 1 };
    this.memory.plans.set(plan.name, changed);
    return changed;
  }

  async remove(name: string, expectedVersion?: number): Promise<void> {
    const present = this.memory.plans.get(name);
    if (present !== undefined && present.version !== (expectedVersion ?? present.version))
      throw new BerthError('version-conflict', `The plan ${name} is at version ${String(present.version)}.`);
    if ([...this.memory.tenants.values()].some(({ plan }) => plan === name)) {
      throw new BerthError('plan-in-use', `The plan ${name} has tenants.`);
    }
    this.memory.plans.delete(name);
  }
}

function factsOf({ tier, host, port, sslMode, ca, database, postgresMajor, labels, managed }: Registration): object {
  return { tier, host, port, sslMode, ca, database, postgresMajor, labels, managed };
}
