import {
  BerthError,
  secretRefs,
  type LoginSlot,
  type Place,
  type Pooler,
  type PoolerAccess,
  type TenantLimits,
  type TenantRoute,
} from '@berth/domain';
import { loginsOf, type Tools } from '../tools.js';

export type RoutingTools = Pick<Tools, 'clusters' | 'poolers' | 'router' | 'secrets'>;

/** @throws `pooler-unreachable` when its admin login is lost */
export async function accessTo(tools: Pick<Tools, 'secrets'>, pooler: Pooler): Promise<PoolerAccess> {
  const { id: poolerId, host, port, sslMode, folder } = pooler;
  const stored = await tools.secrets.read(secretRefs.poolerAdmin(poolerId));
  if (stored === null) {
    throw new BerthError(
      'pooler-unreachable',
      `The admin login of the pooler ${poolerId} is not in the secret store.`,
      {
        hint: `Register it again: berth poolers register ${poolerId} --help`,
      },
    );
  }
  const { username: user, password, verifier, ca } = stored.document;
  return { poolerId, host, port, sslMode, folder, user, password, verifier, ...(ca !== undefined && { ca }) };
}

/** A plan's connections are for all poolers together; each has its share, one at least. */
export function poolSizeOf(connectionLimit: number, poolers: number): number {
  return Math.max(1, Math.floor(connectionLimit / Math.max(1, poolers)));
}

/** What the alias should be that leads to this place. */
export async function routeTo(
  tools: Pick<Tools, 'clusters' | 'secrets'>,
  to: { readonly place: Place; readonly limits: Pick<TenantLimits, 'connectionLimit'>; readonly without?: LoginSlot },
  poolers: number,
): Promise<TenantRoute> {
  const { tenantId, clusterId, database, loginRoles } = to.place;
  const cluster = await tools.clusters.get(clusterId);
  if (cluster === null) throw new BerthError('cluster-not-found', `There is no cluster ${clusterId}.`);
  const { host, port } = cluster;
  const stored = await loginsOf(tools, tenantId);
  const logins = (['a', 'b'] as const).flatMap((slot) => {
    const credentials = stored[slot];
    return credentials === null || slot === to.without
      ? []
      : [{ role: loginRoles[slot], verifier: credentials.verifier }];
  });
  return { tenantId, host, port, database, poolSize: poolSizeOf(to.limits.connectionLimit, poolers), logins };
}

/** What becomes right by itself: what was written is read when the pooler starts, and the clock's round reads it back. */
const healsLater: readonly string[] = ['pooler-unreachable', 'pooler-refused'];

/**
 * Acts on every registered pooler, each under its lock. One that does not answer keeps nobody waiting: no tenant's operation may
 * hang on a pooler that another product uses. Returns the ids of those.
 */
export async function onEachPooler(
  tools: Pick<Tools, 'poolers' | 'secrets'>,
  act: (access: PoolerAccess, poolers: number) => Promise<unknown>,
): Promise<readonly string[]> {
  const poolers = await tools.poolers.list();
  const late = await Promise.all(
    poolers.map(async (pooler) => {
      try {
        const access = await accessTo(tools, pooler);
        await tools.poolers.exclusively(pooler.id, () => act(access, poolers.length));
        return [];
      } catch (thrown) {
        if (!(thrown instanceof BerthError)) throw thrown;
        // Forgotten meanwhile: then it has no alias to be changed.
        if (thrown.code === 'pooler-not-found') return [];
        if (healsLater.includes(thrown.code)) return [pooler.id];
        throw thrown;
      }
    }),
  );
  return late.flat();
}
