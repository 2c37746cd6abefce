import type { Pooler, RouteDrift, RoutePlace, TenantId } from '@berth/domain';
import type { RoutableTenant, RouteChange } from '@berth/ports';
import { accessTo, poolSizeOf, routeTo, type RoutingTools } from './poolers.js';

/**
 * Brings one pooler to what the catalog says, and tells what differed. Tenants whose operation is at work are left to it: they are
 * read under the pooler's lock, which that operation needs too, so it has the last word.
 *
 * @throws `pooler-unreachable`, `pooler-refused`, `pooler-files`, `pooler-busy`
 */
export async function mendRoutes(tools: RoutingTools, pooler: Pooler): Promise<readonly RouteDrift[]> {
  const access = await accessTo(tools, pooler);
  return await tools.poolers.exclusively(pooler.id, async () => {
    const { drift, wanted, poolers } = await lookAt(tools, access);
    if (drift.length === 0) return drift;
    const changes: RouteChange[] = [];
    for (const { tenantId } of drift) {
      if (tenantId === null) continue;
      const tenant = wanted.get(tenantId);
      const to = tenant && { place: tenant.place, limits: { connectionLimit: tenant.connectionLimit } };
      changes.push({ tenantId, route: to === undefined ? null : await routeTo(tools, to, poolers) });
    }
    await tools.router.route(access, changes);
    return drift;
  });
}

/** What the next round of the clock would mend. Nothing is changed. @throws `pooler-unreachable`, `pooler-files` */
export async function routeDrift(tools: RoutingTools, pooler: Pooler): Promise<readonly RouteDrift[]> {
  return (await lookAt(tools, await accessTo(tools, pooler))).drift;
}

async function lookAt(tools: RoutingTools, access: Awaited<ReturnType<typeof accessTo>>) {
  const poolers = (await tools.poolers.list()).length;
  // Read before the rest: whatever begins and ends after that, its own step routes when this caller has let go.
  const busy = await tools.poolers.atWork();
  const wanted = await allRoutable(tools);
  const places = [...wanted.values()].map((tenant) => placeOnPooler(tenant, poolers));
  const all = await tools.router.drift(access, places);
  const drift = all.filter(({ tenantId }) => tenantId === null || !busy.has(tenantId));
  return { drift, wanted, poolers };
}

/** So few that the index leads to each, and that the catalog answers others meanwhile: all at once take it a second with 100,000 tenants. */
const readAtOnce = 500;

async function allRoutable({ poolers }: RoutingTools): Promise<ReadonlyMap<TenantId, RoutableTenant>> {
  const all = new Map<TenantId, RoutableTenant>();
  for (let after: TenantId | null = null; ;) {
    const page: readonly RoutableTenant[] = await poolers.routable(after, readAtOnce);
    for (const tenant of page) all.set(tenant.place.tenantId, tenant);
    if (page.length < readAtOnce) return all;
    after = page.at(-1)?.place.tenantId ?? null;
  }
}

function placeOnPooler({ place, connectionLimit, host, port }: RoutableTenant, poolers: number): RoutePlace {
  const { tenantId, database } = place;
  return { tenantId, host, port, database, poolSize: poolSizeOf(connectionLimit, poolers) };
}
