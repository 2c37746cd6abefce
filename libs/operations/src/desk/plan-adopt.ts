import { BerthError, placeOf, type Finding, type Place, type TenantId } from '@berth/domain';
import type { Migration } from '@berth/ports';
import { adoptTenant } from '../adopt-tenant/adopt-tenant.saga.js';
import type { OperationRequest } from '../request.js';
import { asked } from './asked.js';
import { chooseCluster } from './choose-cluster.js';
import { draftOf, isAnyPooler, type Draft, type PlanningPorts } from './draft.js';
import { planNamed } from './known-tenant.js';
import { limitsAt } from './live-checks.js';
import { refuseExisting } from './plan-provision.js';

type AdoptRequest = Extract<OperationRequest, { kind: 'adopt-tenant' }>;

export async function planAdopt(ports: PlanningPorts, request: AdoptRequest): Promise<Draft> {
  const { tenantId, schema, clusterId, constraints } = request;
  await refuseExisting(ports, tenantId);
  const plan = await planNamed(ports, request.plan);
  if (plan.tier !== 'shared') {
    throw new BerthError(
      'constraint-broken',
      `The plan ${plan.name} is of tier ${plan.tier}; a schema is adopted where it is, in the tier shared.`,
      {
        hint: `Adopt it with a plan of the shared tier, confirm, then type: berth tenants plan ${tenantId} ${plan.name}`,
        details: { found: plan.tier, wanted: 'shared' },
      },
    );
  }
  const { cluster, decision } = chooseCluster(await ports.clusters.list(), await ports.clusters.tenantCounts(), {
    tier: 'shared',
    constraints,
    only: clusterId,
    broken: await ports.isolation.brokenClusters(),
  });
  const generation = await ports.placements.nextGeneration(tenantId);
  const place = placeOf(tenantId, cluster.id, cluster.database, schema);
  const available = await ports.migrations.available();
  const migrated = migratedTo(available, request.migratedTo);
  return draftOf(
    adoptTenant,
    {
      tenantId,
      tier: 'shared',
      place,
      generation,
      limits: plan.limits,
      logins: 'open',
      instance: null,
      routed: await isAnyPooler(ports),
      migrated,
    },
    {
      clusterIds: [cluster.id],
      findings: [
        ...(await ports.fitness.of(cluster.id)),
        ...(await asked(cluster.id, async () => [
          ...(await limitsAt(ports, cluster.id, plan.limits)),
          ...(await schemaAt(ports, place)),
        ])),
        ...migrationsLeft(available, migrated),
      ],
      decision,
      newTenant: { plan: plan.name, constraints },
    },
  );
}

async function schemaAt(ports: PlanningPorts, place: Place): Promise<readonly Finding[]> {
  const there = await ports.placements.onCluster(place.clusterId);
  const taken = tenantAt(there, place);
  if (taken !== null) {
    const message = `The schema ${place.schema} is the place of tenant ${taken}.`;
    const remedy = `Look at it: berth tenants show ${taken}`;
    return [{ code: 'schema-of-tenant', severity: 'error', object: `schema ${place.schema}`, message, remedy }];
  }
  const { findings, roles } = await ports.adoption.preview(place);
  const isThere = !findings.some(({ code }) => code === 'schema-missing' || code === 'system-schema');
  const lost = isThere ? await ports.copy.preflight(place, null) : [];
  return [...rolesOfTenants(there, place, roles), ...findings, ...lost.flatMap(asOfAdoption)];
}

function tenantAt(there: readonly Place[], { database, schema }: Place): TenantId | null {
  return there.find((other) => other.database === database && other.schema === schema)?.tenantId ?? null;
}

/** A role that another tenant logs in by, or that owns its schema, would bring that tenant's logins in. */
function rolesOfTenants(there: readonly Place[], place: Place, roles: readonly string[]): readonly Finding[] {
  return there.flatMap(({ tenantId, ownerRole, loginRoles }) =>
    [ownerRole, ...Object.values(loginRoles)]
      .filter((role) => roles.includes(role))
      .map((role) => ({
        code: 'role-of-tenant',
        severity: 'error' as const,
        object: `role ${role}`,
        message: `${role} is a role of tenant ${tenantId}, and owns something or holds a right in ${place.schema}.`,
        remedy: `Give what it owns there to another role, and revoke its rights there.`,
      })),
  );
}

/** What mends itself by the adoption, or is decided here already. */
const mended: readonly string[] = [
  'owned-by-another',
  'dump-room',
  'estimated-size',
  'prepared-transaction',
  'large-objects',
];
/** What an adopted tenant cannot be without: a last dump that holds it, and a border that nothing crosses. */
const refusing: readonly string[] = ['extension-in-schema', 'needs-other-schema', 'needed-by-other-schema'];

/** A copy is not what is asked for; what would stop a later one is worth knowing. */
function asOfAdoption(finding: Finding): readonly Finding[] {
  if (mended.includes(finding.code)) return [];
  if (finding.severity !== 'error' || refusing.includes(finding.code)) return [finding];
  return [{ ...finding, severity: 'warning', message: `${finding.message} The tenant could not be moved.` }];
}

/** @throws `invalid-request` with the versions that are known */
function migratedTo(available: readonly Migration[], version: string | undefined): readonly Migration[] {
  if (version === undefined) return [];
  const last = available.findIndex((migration) => migration.version === version);
  if (last >= 0)
    return available.slice(0, last + 1).map((known) => ({ version: known.version, checksum: known.checksum }));
  const known = available.map((migration) => migration.version).join(', ');
  throw new BerthError('invalid-request', `There is no migration ${JSON.stringify(version)}.`, {
    hint: known === '' ? 'No migrations are configured: leave it out.' : `Migrations are: ${known}.`,
  });
}

/** None is run: it could not be taken back. */
function migrationsLeft(available: readonly Migration[], migrated: readonly Migration[]): readonly Finding[] {
  if (available.length === 0) return [];
  const said =
    migrated.length === 0
      ? 'No migration is recorded as applied, and none is run.'
      : `Recorded as applied elsewhere, without running them: ${migrated.map(({ version }) => version).join(', ')}. None is run.`;
  const message = `${said} ${String(available.length - migrated.length)} of ${String(available.length)} count as not applied.`;
  const remedy = migrated.length === 0 ? 'Say where it stands: --migrated-to <version>.' : null;
  return [{ code: 'migrations', severity: 'info', object: 'migrations', message, remedy }];
}
