import type { Finding, Operation, Placement, Pooler, RouteDrift, Tenant, TenantId } from '@berth/domain';
import type { ServerReading, ServedCertificate } from '@berth/ports';
import type { SecretFault } from '../steps/publish-secret.js';
import type { CatalogView } from './catalog-view.js';
import type { Seen } from './seen.js';

/** What belongs to no one cluster; it is left out where one cluster alone is examined. */
export interface SystemEvidence {
  readonly instances: Seen<readonly string[]>;
  readonly secretRefs: Seen<readonly string[]>;
  readonly poolers: readonly PoolerEvidence[];
  readonly certificates: Seen<readonly ServedCertificate[]>;
}

export interface PoolerEvidence {
  readonly pooler: Pooler;
  readonly findings: Seen<readonly Finding[]>;
  readonly drift: Seen<readonly RouteDrift[]>;
}

export interface ServerEvidence {
  readonly clusterId: string;
  /** What the checks of a registration find now. */
  readonly fitness: Seen<readonly Finding[]>;
  readonly reading: Seen<ServerReading>;
}

/** A tenant that should be as its plan and state say, at its current place. */
export interface TenantEvidence {
  readonly tenant: Tenant;
  readonly place: Placement;
  readonly secret: Seen<SecretFault | null>;
  readonly drift: Seen<readonly Finding[]>;
}

/**
 * All that was read. The catalog was read before the servers and after them: what belongs to nobody in either view, is an orphan; what
 * only one of them explains, came or went meanwhile.
 */
export interface Evidence {
  readonly now: Date;
  readonly before: CatalogView;
  readonly after: CatalogView;
  /** At work at some moment from the first look to the last. */
  readonly during: readonly Operation[];
  readonly busy: ReadonlyMap<TenantId, Operation>;
  readonly servers: readonly ServerEvidence[];
  readonly tenants: readonly TenantEvidence[];
  /** Names of streams, of moves that this catalog knows, open or ended. */
  readonly knownStreams: ReadonlySet<string>;
  /** Operations for which the time has come a while ago, and that nobody works on. */
  readonly overdue: Seen<readonly string[]>;
  readonly system: SystemEvidence | null;
}

/** Servers that could be read. */
export function readings({
  servers,
}: Evidence): readonly { readonly clusterId: string; readonly reading: ServerReading }[] {
  return servers.flatMap(({ clusterId, reading }) =>
    'value' in reading ? [{ clusterId, reading: reading.value }] : [],
  );
}

/** An operation that was at work on the tenant meanwhile; it knows better what should be. */
export function atWork({ busy }: Evidence, tenantId: TenantId): Operation | undefined {
  return busy.get(tenantId);
}

/** Whether an operation was at work on the cluster. */
export function atWorkOn({ during }: Evidence, clusterId: string): Operation | undefined {
  return during.find(({ clusterIds }) => clusterIds.includes(clusterId));
}
