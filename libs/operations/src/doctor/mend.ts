import {
  asBerthError,
  BerthError,
  hasEnded,
  ownerOfStream,
  placeOf,
  type DoctorFix,
  type FixOutcome,
} from '@berth/domain';
import type { JobQueue } from '@berth/ports';
import { placeIn } from '../desk/plan-lifecycle.js';
import type { OperationDesk } from '../request.js';
import { mendRoutes } from '../routing/mend-routes.js';
import { viewCatalog } from './catalog-view.js';
import type { GatherPorts } from './gather.js';

export interface MendPorts extends GatherPorts {
  readonly desk: Pick<OperationDesk, 'start'>;
  readonly queue: Pick<JobQueue, 'enqueue'>;
}

type Outcome = Omit<FixOutcome, 'fix'>;

const left = (message: string): Outcome => ({ outcome: 'left', message });
const mended = (message: string): Outcome => ({ outcome: 'mended', message });

/** What a fix does, as a sentence: the dry run's, and the run's. */
export function describeFix(fix: DoctorFix): string {
  switch (fix.kind) {
    case 'remove-stream':
      return `Remove what is left of the stream ${fix.name} on cluster ${fix.clusterId}.`;
    case 'drop-scratch':
      return `Drop the database ${fix.database} on cluster ${fix.clusterId}.`;
    case 'prepare-cluster':
      return `Bring cluster ${fix.clusterId} to what Berth needs.`;
    case 'mend-routes':
      return `Bring pooler ${fix.poolerId} to what the catalog says.`;
    case 'repair-tenant':
      return `Start the repair of tenant ${fix.tenantId}.`;
    case 'tell-queue':
      return `Tell the queue of operation ${fix.operationId} again.`;
  }
}

/** Looks once more whether it is still wanted, and does it. What goes wrong leaves the others alone. */
export async function mend(ports: MendPorts, fix: DoctorFix, requestedBy: string): Promise<FixOutcome> {
  try {
    return { fix, ...(await act(ports, fix, requestedBy)) };
  } catch (error) {
    const { message, hint } = asBerthError(error);
    return { fix, ...left(hint === undefined ? message : `${message} ${hint}`) };
  }
}

async function act(ports: MendPorts, fix: DoctorFix, requestedBy: string): Promise<Outcome> {
  switch (fix.kind) {
    case 'remove-stream':
      return await removeStream(ports, fix);
    case 'drop-scratch':
      return await dropScratch(ports, fix);
    case 'prepare-cluster': {
      const changes = await ports.probe.prepare(await ports.directory.access(fix.clusterId));
      return mended(changes.join(' ') || `Cluster ${fix.clusterId} is what Berth needs.`);
    }
    case 'mend-routes': {
      const pooler = await ports.poolers.get(fix.poolerId);
      if (pooler === null) throw new BerthError('pooler-not-found', `There is no pooler ${fix.poolerId} any more.`);
      const drift = await mendRoutes(ports, pooler);
      return mended(drift.map(({ message }) => message).join(' ') || `Pooler ${pooler.id} is what it should be.`);
    }
    case 'repair-tenant': {
      const { id } = await ports.desk.start({ kind: 'repair-tenant', tenantId: fix.tenantId }, requestedBy);
      return { outcome: 'started', message: `berth operations watch ${id}` };
    }
    case 'tell-queue':
      await ports.queue.enqueue(fix.operationId);
      return mended(`The queue has operation ${fix.operationId}.`);
  }
}

/**
 * What is removed bears a generation that never comes again, so that nothing which begins between this look and the removal can be
 * met by it; the tenant's fence on that server keeps out whoever began before.
 */
async function removeStream(
  ports: MendPorts,
  { tenantId, clusterId, database, name }: Extract<DoctorFix, { kind: 'remove-stream' }>,
): Promise<Outcome> {
  const { items } = await ports.operations.list({ tenantId }, { limit: 1 });
  const [newest] = items;
  if (newest !== undefined && !hasEnded(newest.state))
    return left(`The operation ${newest.id} (${newest.kind}) is at work on ${tenantId} by now.`);
  const move = await ports.moves.openMoveOf(tenantId);
  if (move?.toGeneration === ownerOfStream(name)?.generation) return left(`The move ${move?.id ?? ''} needs it.`);
  const history = await ports.placements.history(tenantId);
  const known = history.find((place) => place.clusterId === clusterId && place.database === database);
  const place = known === undefined ? placeOf(tenantId, clusterId, database) : placeIn(known);
  await ports.examiner.removeStream(place, name);
  return mended(`Nothing of ${name} is left on cluster ${clusterId}.`);
}

/** An operation that begins after this look names another database: after its own dump. */
async function dropScratch(
  ports: MendPorts,
  { clusterId, database }: Extract<DoctorFix, { kind: 'drop-scratch' }>,
): Promise<Outcome> {
  const { scratch } = await ports.examiner.read(clusterId);
  if (!scratch.includes(database)) return left(`${database} is gone, or somebody is in it.`);
  const { operations } = await viewCatalog(ports);
  const atWork = operations.find(({ clusterIds }) => clusterIds.includes(clusterId));
  if (atWork !== undefined) return left(`The operation ${atWork.id} (${atWork.kind}) is at work there by now.`);
  await ports.examiner.dropScratch(clusterId, database);
  return mended(`${database} is gone.`);
}
