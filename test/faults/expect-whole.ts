import { hasEnded, type TenantId } from '@berth/domain';
import type { TcpProxy, TenantWriters, TestPgBouncer } from '@berth/testing';
import { snapshot } from '../crash/snapshot.js';
import type { World } from '../crash/world.js';
import type { WorkerWorld } from '../e2e/worker-world.js';
import type { FaultApi } from './fault-world.js';
import { aliasesOf, auditChain, endOf, leftOver, writableSidesOf, writesOf, type Findings } from './findings.js';

/** What is looked at: a world, the poolers before it, and the lines by which its clusters are reached. */
export interface BrokenSystem {
  readonly world: World;
  readonly here: WorkerWorld;
  readonly api: Pick<FaultApi, 'ask'>;
  readonly parts: { readonly poolers: readonly TestPgBouncer[] };
  readonly lines: Readonly<Record<'shared-1' | 'shared-2', TcpProxy>>;
}

/** What was under way: operations, and the tenants that they concern; one of those moves, and has writers. */
export interface UnderWay {
  readonly mover: TenantId;
  readonly others: readonly TenantId[];
  readonly ids: readonly string[];
  readonly writers: TenantWriters;
}

/** A tenant that no operation concerns, and how it was before anything broke. */
export interface Neighbour {
  readonly tenantId: TenantId;
  readonly is: object;
}

/** What has to hold whatever broke, when all has come to an end. Read from the real servers and stores. */
export async function expectWhole(system: BrokenSystem, ten: UnderWay, neighbour: Neighbour): Promise<void> {
  const { world, parts } = system;
  const tenants = [ten.mover, ...ten.others];
  const operations = await Promise.all(ten.ids.map((id) => world.operation(id)));
  expect(operations.flatMap(endOf)).toEqual([]);
  for (const tenantId of tenants) expect(await writableSidesOf(world, tenantId)).toEqual([]);
  expect(await writesOf(world, ten.mover, ten.writers)).toEqual([]);
  expect(await wrongAliases(system, ten)).toEqual([]);
  await closeMoves(system, tenants);
  expect(await writesOf(world, ten.mover, ten.writers)).toEqual([]);
  // Of one that asks a person nobody knows yet what is left; of the others there may be nothing.
  const asking = operations.filter(({ state }) => !hasEnded(state));
  const ended = tenants.filter((id) => !asking.some(({ tenantId }) => tenantId === id));
  const ids = operations.filter((one) => !asking.includes(one)).map(({ id }) => id);
  expect(await leftOver(world, { tenants: ended, operations: ids, poolers: parts.poolers })).toEqual([]);
  expect(await snapshot(world, neighbour.tenantId)).toEqual(neighbour.is);
  expect(await waysFound(system)).toBe('');
  expect(await auditChain(world)).toEqual([]);
}

/** All poolers lead to where the tenant is, and nobody waits there. */
async function wrongAliases({ world, parts, lines }: BrokenSystem, { mover }: UnderWay): Promise<Findings> {
  const place = await world.tools.placements.current(mover);
  const wanted = lines[place?.clusterId as 'shared-1' | 'shared-2'].port;
  const found: string[] = [];
  for (const pooler of parts.poolers) {
    const alias = (await aliasesOf(pooler)).find(({ name }) => name === mover);
    if (alias?.port !== wanted)
      found.push(`${pooler.access.poolerId} leads to ${String(alias?.port)}, not to ${String(wanted)}`);
    if (alias?.held === true) found.push(`${pooler.access.poolerId} lets the clients of ${mover} wait`);
  }
  return found;
}

/** What moves keep for their way back goes with them; only then nothing may be left. */
async function closeMoves(system: BrokenSystem, tenants: readonly TenantId[]): Promise<void> {
  for (const tenantId of tenants) {
    const move = await system.world.tools.moves.openMoveOf(tenantId);
    if (move?.state !== 'switched') continue;
    const id = await system.api.ask('POST', `moves/${move.id}/complete`);
    expect(await system.here.ended(id)).toMatchObject({ state: 'succeeded', error: null });
  }
}

/** Workers prove isolation meanwhile, by their schedule: what breaks must not look like a way from tenant to tenant. */
async function waysFound({ here }: BrokenSystem): Promise<string> {
  return await here.inCatalog(`
    SELECT p.cluster_id, jsonb_path_query_array(p.report, '$.rows[*].others[*] ? (@.verdict == "reached")')
    FROM berth.isolation_proofs p WHERE p.verdict = 'broken'`);
}
