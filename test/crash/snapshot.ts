import { schemaNameOf, secretRefs, type Placement, type TenantId } from '@berth/domain';
import { leftOfMoves } from './left-of-moves.js';
import { legacyOf } from './legacy-schema.js';
import { canWriteAt, readContent } from './tenant-data.js';
import type { World } from './world.js';

/** What the real servers and the stores say of one tenant, with its own id taken out, so that two tenants can be compared. */
export async function snapshot(world: World, tenantId: TenantId): Promise<object> {
  const { tools } = world;
  const tenant = await tools.tenants.get(tenantId);
  const placements = await tools.placements.history(tenantId);
  const current = placements.find((placement) => placement.state === 'current') ?? null;
  const secret = await tools.secrets.read(secretRefs.tenantDb(tenantId));
  const move = await tools.moves.openMoveOf(tenantId);
  const state = {
    // A creation that was taken back leaves a row that explains itself, and nothing else.
    tenant: tenant === null || tenant.state === 'failed' ? null : { state: tenant.state, plan: tenant.plan },
    place: current && { cluster: current.clusterId, secretNamesIt: secret?.document.generation === current.generation },
    login: { name: secret?.document.username ?? null, ...(await loginsOf(world, tenantId, current)) },
    openMove: move && { state: move.state },
    writableOn: secret === null ? [] : await writablePlaces(world, placements, secret.document),
    content: current && (await readContent(world, current)),
    leftovers: await leftoversOf(world, placements),
    // What an open move keeps is its way back.
    leftOfMoves: move === null ? await leftOfClosedMoves(world, tenantId, current) : [],
    secrets: await tools.secrets.list(`tenants/${tenantId}/`),
    announced: (await tools.announcements.live(tenantId)).map(({ to }) => to.host),
    legacy: await legacyOf(world, tenantId),
    alias: await world.aliasOf(tenantId),
    belongings: await world.belongingsOf(tenantId),
  };
  return JSON.parse(
    JSON.stringify(state).replaceAll(tenantId, '<tenant>').replaceAll(tenantId.replaceAll('-', '_'), '<tenant>'),
  ) as object;
}

async function writablePlaces(
  world: World,
  placements: readonly Placement[],
  secret: Parameters<typeof canWriteAt>[1],
): Promise<readonly string[]> {
  const clusters = new Map(placements.map((placement) => [placement.clusterId, placement]));
  const writable = [];
  for (const [clusterId, placement] of clusters)
    if (await canWriteAt(world, secret, placement)) writable.push(clusterId);
  return writable;
}

/** Of places that were given up, nothing may be left. */
async function leftoversOf(world: World, placements: readonly Placement[]): Promise<readonly string[]> {
  const kept = new Set(placements.filter(({ state }) => state !== 'retired').map(({ clusterId }) => clusterId));
  const found = [];
  for (const placement of placements) {
    const isGone = kept.has(placement.clusterId) || (await world.tools.clusters.get(placement.clusterId)) === null;
    if (isGone) continue;
    const left = await world.tools.database.leftovers(placement);
    // A schema that bears its own name was there before, and is there again: `legacy` says how.
    const own = placement.schema === schemaNameOf(placement.tenantId);
    found.push(...left.filter((sentence) => own || !sentence.startsWith('Schema ')));
  }
  return found;
}

/** On both shared servers, wherever the tenant was meanwhile, and where it is. */
async function leftOfClosedMoves(
  world: World,
  tenantId: TenantId,
  current: Placement | null,
): Promise<readonly string[]> {
  const clusters = new Set([...Object.keys(world.servers), ...(current === null ? [] : [current.clusterId])]);
  const found = [];
  for (const clusterId of clusters)
    found.push(...(await leftOfMoves(world, clusterId, [tenantId])).map((what) => `${clusterId}: ${what}`));
  return found;
}

/** Which slots have a password at Berth, and which roles the server has: a rotation leaves one of each. */
async function loginsOf(world: World, tenantId: TenantId, current: Placement | null): Promise<object> {
  const kept = (await world.tools.secrets.read(secretRefs.tenantLogins(tenantId)))?.document;
  const slots = (['a', 'b'] as const).filter((slot) => kept !== undefined && kept[slot] !== null);
  const server = current === null ? undefined : world.servers[current.clusterId];
  if (current === null || server === undefined) return { active: kept?.active ?? null, slots };
  const names = [current.ownerRole, ...Object.values(current.loginRoles)].map((name) => `'${name}'`).join(', ');
  const roles = await server.psql(`SELECT rolname FROM pg_roles WHERE rolname IN (${names}) ORDER BY 1`);
  return { active: kept?.active ?? null, slots, roles };
}
