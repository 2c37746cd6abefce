import { BerthError, type ClusterAccess, ownerOfStream, type Placement, type Tenant } from '@berth/domain';
import type {
  ClusterDirectory,
  ClusterProbe,
  Infrastructure,
  SecretStore,
  ServedCertificates,
  ServerExaminer,
  TenantRouter,
  WantedTenant,
} from '@berth/ports';
import { placeIn } from '../desk/plan-lifecycle.js';
import { routeDrift } from '../routing/mend-routes.js';
import { accessTo } from '../routing/poolers.js';
import { secretFault } from '../steps/publish-secret.js';
import { wantedAt } from '../tools.js';
import { type CatalogPorts, type CatalogView, operationsDuring, viewCatalog } from './catalog-view.js';
import type { Evidence, ServerEvidence, SystemEvidence, TenantEvidence } from './evidence.js';
import { look, onEach } from './seen.js';
import { streamsIn } from './stream-evidence.js';

export interface GatherPorts extends CatalogPorts {
  readonly secrets: SecretStore;
  readonly directory: ClusterDirectory;
  readonly probe: ClusterProbe;
  readonly examiner: ServerExaminer;
  readonly infrastructure: Infrastructure;
  readonly router: TenantRouter;
  readonly certificates: ServedCertificates;
  readonly now: () => Date;
}

const clustersAtOnce = 8;
const secretsAtOnce = 16;
const streamsAtOnce = 16;
/** In ms. A worker takes what it is told within the sweep's time; this is many of them. */
const overdueMs = 60_000;
/** In ms, for all tenants of a cluster together. */
const driftMs = 300_000;
/** More than that are counted as so many. */
const mostOverdue = 200;

type Inhabitant = Omit<TenantEvidence, 'drift'>;

/** Reads everything, changes nothing. `clusterId`: that cluster and its tenants alone. */
export async function gather(ports: GatherPorts, clusterId: string | null): Promise<Evidence> {
  const now = ports.now();
  const [read, during] = await operationsDuring(
    ports,
    ({ before }) => before.operations,
    () => readAll(ports, clusterId, now),
  );
  const busy = new Map(during.map((operation) => [operation.tenantId, operation]));
  return { ...read, now, during, busy };
}

async function readAll(
  ports: GatherPorts,
  clusterId: string | null,
  now: Date,
): Promise<Omit<Evidence, 'now' | 'during' | 'busy'>> {
  const before = await viewCatalog(ports);
  const clusterIds = [...before.clusters.keys()].filter((id) => clusterId === null || id === clusterId);
  const reads = rememberingReads(ports);
  const [servers, inhabitants, overdue, system] = await Promise.all([
    onEach(clusterIds, clustersAtOnce, (id) => lookAtServer(ports, id)),
    onEach(settled(before, clusterIds), secretsAtOnce, (one) => lookAtSecret(reads, one)),
    look(() => ports.operations.due(new Date(now.getTime() - overdueMs), mostOverdue)),
    clusterId === null ? lookAtSystem(ports, before) : null,
  ]);
  const tenants = await onEach(servers, clustersAtOnce, (server) =>
    lookForDrift(ports, reads, before, server, inhabitants),
  );
  const knownStreams = await knownStreamsAt(ports, servers);
  const after = await viewCatalog(ports);
  return { before, after, servers, tenants: tenants.flat(), knownStreams, overdue, system };
}

/** Each secret and each access is read once, however many tenants ask for it. */
function rememberingReads({ secrets, directory }: GatherPorts) {
  const documents = new Map<string, ReturnType<SecretStore['read']>>();
  const accesses = new Map<string, Promise<ClusterAccess>>();
  const once = <T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> => {
    const answer = known.get(key) ?? read();
    known.set(key, answer);
    return answer;
  };
  return {
    secrets: { read: ((ref) => once(documents, ref, () => secrets.read(ref))) as SecretStore['read'] },
    directory: { access: (id: string) => once(accesses, id, () => directory.access(id)) },
  };
}

type Reads = ReturnType<typeof rememberingReads>;

/** Tenants that no operation is at work on, at their current places. */
function settled(
  view: CatalogView,
  clusterIds: readonly string[],
): readonly { readonly tenant: Tenant; readonly place: Placement }[] {
  const busy = new Set(view.operations.map(({ tenantId }) => tenantId));
  return view.placements.flatMap((place) => {
    const tenant = view.tenants.get(place.tenantId);
    const wanted = place.state === 'current' && clusterIds.includes(place.clusterId);
    return wanted && tenant !== undefined && !busy.has(tenant.id) ? [{ tenant, place }] : [];
  });
}

async function lookAtServer(ports: GatherPorts, clusterId: string): Promise<ServerEvidence> {
  const fitness = await look(async () => (await ports.probe.check(await ports.directory.access(clusterId))).findings);
  // One that does not answer is not waited for twice.
  const away = 'fault' in fitness ? fitness.fault : faultOf(fitness.value);
  return {
    clusterId,
    fitness,
    reading: away === null ? await look(() => ports.examiner.read(clusterId)) : { fault: away },
  };
}

/** Findings that end the look: they mean that the server said nothing else. */
const silent: readonly string[] = ['cluster-unreachable', 'cluster-tls'];

function faultOf(findings: Extract<ServerEvidence['fitness'], { value: unknown }>['value']) {
  const found = findings.find(({ code }) => silent.includes(code));
  return found === undefined ? null : { code: found.code, message: found.message, hint: found.remedy };
}

async function lookAtSecret(
  reads: Reads,
  { tenant, place }: { readonly tenant: Tenant; readonly place: Placement },
): Promise<Inhabitant> {
  const secret = await look(() => secretFault(reads, { place, generation: place.generation }));
  return { tenant, place, secret };
}

async function lookForDrift(
  ports: GatherPorts,
  reads: Reads,
  view: CatalogView,
  { clusterId, reading }: ServerEvidence,
  all: readonly Inhabitant[],
): Promise<readonly TenantEvidence[]> {
  const here = all.filter(({ place }) => place.clusterId === clusterId);
  if ('fault' in reading) return here.map((one) => ({ ...one, drift: reading }));
  const wanted = await onEach(here, secretsAtOnce, (one) => look(() => wantedOf(reads, view, one)));
  const known = wanted.flatMap((one) => ('value' in one ? [one.value] : []));
  const drift = await look(() => ports.examiner.drift(clusterId, known), driftMs);
  return here.map((one, index) => {
    const should = wanted[index];
    if (should !== undefined && 'fault' in should) return { ...one, drift: should };
    return { ...one, drift: 'fault' in drift ? drift : { value: drift.value.get(one.tenant.id) ?? [] } };
  });
}

async function wantedOf(reads: Reads, view: CatalogView, { tenant, place }: Inhabitant): Promise<WantedTenant> {
  const plan = view.plans.get(tenant.plan);
  if (plan === undefined) throw new BerthError('plan-not-found', `There is no plan ${tenant.plan}.`);
  return await wantedAt(reads, placeIn(place), plan.limits, tenant.state === 'ready' ? 'open' : 'closed');
}

/**
 * Of the streams that are there those whose move this catalog knows: another Berth that shares the server has streams of its own, and
 * its tenants may bear the same names.
 */
async function knownStreamsAt(
  { placements }: GatherPorts,
  servers: readonly ServerEvidence[],
): Promise<ReadonlySet<string>> {
  const seen = servers.flatMap(({ clusterId, reading }) =>
    'fault' in reading ? [] : streamsIn(reading.value).map((name) => ({ clusterId, name })),
  );
  const known = await onEach(seen, streamsAtOnce, async ({ clusterId, name }) => {
    const owner = ownerOfStream(name);
    if (owner === null) return [];
    const places = await placements.history(owner.tenantId);
    const reached = places.some(({ generation }) => generation === owner.generation);
    return reached && places.some((place) => place.clusterId === clusterId) ? [name] : [];
  });
  return new Set(known.flat());
}

const prefixes = ['clusters', 'poolers', 'tenants'] as const;

async function lookAtSystem(ports: GatherPorts, { clusters, poolers }: CatalogView): Promise<SystemEvidence> {
  const reached = [...clusters.values()];
  const [instances, secretRefs, certificates, seen] = await Promise.all([
    look(() => ports.infrastructure.list()),
    look(async () => (await Promise.all(prefixes.map((prefix) => ports.secrets.list(prefix)))).flat()),
    look(() => ports.certificates.read()),
    onEach(poolers, clustersAtOnce, async (pooler) => ({
      pooler,
      findings: await look(async () => ports.router.check(await accessTo(ports, pooler), reached)),
      drift: await look(() => routeDrift(ports, pooler)),
    })),
  ]);
  return { instances, secretRefs, certificates, poolers: seen };
}
