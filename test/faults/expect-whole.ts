import { hasEnded, type TenantId } from '@berth/domain';
import { snapshot } from '../crash/snapshot.js';
import type { FaultWorld } from './fault-world.js';
import { aliasesOf, auditChain, endOf, leftOver, writableSidesOf, writesOf, type Findings } from './findings.js';
import type { TenOperations } from './ten-operations.js';

/** A tenant that no operation concerns, and how it was before anything broke. */
export interface Neighbour {
  readonly tenantId: TenantId;
  readonly is: object;
}

/** What has to hold whatever broke, when all has come to an end. Read from the real servers and stores. */
export async function expectWhole(system: FaultWorld, ten: TenOperations, neighbour: Neighbour): Promise<void> {
  const { world, parts } = system;
  const tenants = [ten.mover, ...ten.others];
  const operations = await Promise.all(ten.ids.map((id) => world.operation(id)));
  expect(operations.flatMap(endOf)).toEqual([]);
  for (const tenantId of tenants) expect(await writableSidesOf(world, tenantId)).toEqual([]);
  expect(await writesOf(world, ten.mover, ten.writers)).toEqual([]);
  expect(await wrongAliases(system, ten)).toEqual([]);
  await closeMoves(system, tenants);
  expect(await writesOf(world, ten.mover, ten.writers)).toEqual([]);
  if (operations.every(({ state }) => hasEnded(state)))
    expect(await leftOver(world, { tenants, operations: ten.ids, poolers: parts.poolers })).toEqual([]);
  expect(await snapshot(world, neighbour.tenantId)).toEqual(neighbour.is);
  expect(await waysFound(system)).toBe('');
  expect(await auditChain(world)).toEqual([]);
}

/** Both poolers lead to where the tenant is. */
async function wrongAliases({ world, parts, lines }: FaultWorld, { mover }: TenOperations): Promise<Findings> {
  const place = await world.tools.placements.current(mover);
  const wanted = lines[place?.clusterId as 'shared-1' | 'shared-2'].port;
  const found: string[] = [];
  for (const pooler of parts.poolers) {
    const alias = (await aliasesOf(pooler)).find(({ name }) => name === mover);
    if (alias?.port !== wanted)
      found.push(`${pooler.access.poolerId} leads to ${String(alias?.port)}, not to ${String(wanted)}`);
  }
  return found;
}

/** What moves keep for their way back goes with them; only then nothing may be left. */
async function closeMoves(system: FaultWorld, tenants: readonly TenantId[]): Promise<void> {
  for (const tenantId of tenants) {
    const move = await system.world.tools.moves.openMoveOf(tenantId);
    if (move?.state !== 'switched') continue;
    const id = await system.api.ask('POST', `moves/${move.id}/complete`);
    expect(await system.here.ended(id)).toMatchObject({ state: 'succeeded', error: null });
  }
}

/** Workers prove isolation meanwhile, by their schedule: what breaks must not look like a way from tenant to tenant. */
async function waysFound({ here }: FaultWorld): Promise<string> {
  return await here.inCatalog(`
    SELECT p.cluster_id, jsonb_path_query_array(p.report, '$.rows[*].others[*] ? (@.verdict == "reached")')
    FROM berth.isolation_proofs p WHERE p.verdict = 'broken'`);
}
