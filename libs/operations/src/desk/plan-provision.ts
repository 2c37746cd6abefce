import {
  BerthError,
  dedicatedClusterIdOf,
  placeOf,
  tenantsDatabase,
  type Cluster,
  type Finding,
  type PlacementDecision,
  type TenantConstraints,
  type TenantId,
} from '@berth/domain';
import type { InstanceSpec } from '@berth/ports';
import { provisionTenant } from '../provision-tenant/provision-tenant.saga.js';
import type { OperationRequest } from '../request.js';
import { chooseCluster, decideCluster } from './choose-cluster.js';
import { draftOf, isAnyPooler, type Draft, type PlanningPorts } from './draft.js';
import { planNamed } from './known-tenant.js';
import { roomAt } from './live-checks.js';

type ProvisionRequest = Extract<OperationRequest, { kind: 'provision-tenant' }>;

export async function planProvision(ports: PlanningPorts, request: ProvisionRequest): Promise<Draft> {
  const { tenantId, constraints } = request;
  await refuseExisting(ports, tenantId);
  const plan = await planNamed(ports, request.plan);
  const generation = await ports.placements.nextGeneration(tenantId);
  const destination =
    plan.tier === 'dedicated'
      ? await ownServer(ports, {
          tenantId,
          generation,
          constraints,
          ...(request.clusterId && { only: request.clusterId }),
        })
      : await existingCluster(ports, request);
  const place = placeOf(tenantId, destination.clusterId, destination.database);
  return draftOf(
    provisionTenant,
    {
      tenantId,
      tier: plan.tier,
      place,
      generation,
      limits: plan.limits,
      logins: 'open',
      instance: destination.instance,
      routed: await isAnyPooler(ports),
    },
    {
      clusterIds: [place.clusterId],
      findings: destination.cluster === null ? destination.findings : await roomAt(ports, place),
      decision: destination.decision,
      newTenant: { plan: plan.name, constraints },
    },
  );
}

export interface Destination {
  readonly clusterId: string;
  readonly database: string;
  readonly cluster: Cluster | null;
  readonly instance: InstanceSpec | null;
  readonly findings: readonly Finding[];
  readonly decision: PlacementDecision;
}

interface WantedServer {
  readonly tenantId: TenantId;
  readonly generation: number;
  readonly constraints: TenantConstraints;
  readonly postgresMajor?: number;
  /** Only this one, which was registered. */
  readonly only?: string;
}

/** A dedicated server for one tenant: one that was registered and is free, else an instance that is made for it. */
export async function ownServer(ports: PlanningPorts, wanted: WantedServer): Promise<Destination> {
  const { constraints, only } = wanted;
  // What Berth made, it made for another tenant.
  const registered = (await ports.clusters.list()).filter(({ managed }) => !managed);
  const counts = await ports.clusters.tenantCounts();
  const broken = await ports.isolation.brokenClusters();
  const wish = { tier: 'dedicated', constraints, broken, ...(only !== undefined && { only }) } as const;
  const { chosen, considered } = decideCluster(registered, counts, wish);
  if (only === undefined && chosen === null) return await newInstance(ports, wanted, considered);
  const { cluster, decision } = chooseCluster(registered, counts, wish);
  return { clusterId: cluster.id, database: cluster.database, cluster, instance: null, findings: [], decision };
}

/** A dedicated instance that does not exist yet. */
async function newInstance(
  ports: PlanningPorts,
  wanted: WantedServer,
  considered: PlacementDecision['considered'],
): Promise<Destination> {
  const clusterId = dedicatedClusterIdOf(wanted.tenantId, wanted.generation);
  const postgresMajor = Math.max(wanted.postgresMajor ?? 0, wanted.constraints.minPostgresMajor ?? 0);
  const instance: InstanceSpec = {
    clusterId,
    tenantId: wanted.tenantId,
    labels: wanted.constraints.labels,
    ...(postgresMajor > 0 && { postgresMajor }),
  };
  const planned = (await ports.infrastructure.plan(instance)).map((message): Finding => ({
    code: 'infrastructure-plan',
    severity: 'info',
    object: clusterId,
    message,
    remedy: null,
  }));
  return {
    clusterId,
    database: tenantsDatabase,
    cluster: null,
    instance,
    findings: [...planned, ...(await ports.infrastructure.quotas())],
    decision: {
      tier: 'dedicated',
      constraints: wanted.constraints,
      askedFor: null,
      chosen: clusterId,
      because: 'an instance of its own',
      considered,
    },
  };
}

async function existingCluster(ports: PlanningPorts, request: ProvisionRequest): Promise<Destination> {
  const { cluster, decision } = chooseCluster(await ports.clusters.list(), await ports.clusters.tenantCounts(), {
    tier: 'shared',
    constraints: request.constraints,
    broken: await ports.isolation.brokenClusters(),
    ...(request.clusterId !== undefined && { only: request.clusterId }),
  });
  return { clusterId: cluster.id, database: cluster.database, cluster, instance: null, findings: [], decision };
}

/** @throws `tenant-exists`: a tenant that was removed, or never made, is none */
export async function refuseExisting(ports: PlanningPorts, tenantId: TenantId): Promise<void> {
  const tenant = await ports.tenants.get(tenantId);
  if (tenant === null || tenant.state === 'failed' || tenant.state === 'removed') return;
  throw new BerthError('tenant-exists', `Tenant ${tenantId} exists already; it is ${tenant.state}.`, {
    hint: `Type: berth tenants show ${tenantId}`,
    details: { state: tenant.state },
  });
}
