import type { Config } from '@berth/config';
import { IsolationProver, type IsolationProverPorts } from '@berth/operations';
import {
  ClusterCatalog,
  IsolationProber,
  IsolationProofs,
  PlacementCatalog,
  PoolerCatalog,
  SecretStore,
  TenantCatalog,
} from '@berth/ports';

const hourMs = 3_600_000;

const tokens = {
  proofs: IsolationProofs,
  prober: IsolationProber,
  tenants: TenantCatalog,
  placements: PlacementCatalog,
  clusters: ClusterCatalog,
  poolers: PoolerCatalog,
  secrets: SecretStore,
} as const satisfies Record<keyof Omit<IsolationProverPorts, 'now'>, unknown>;

/** Who proves clusters isolated, as often as the configuration says. */
export function proverFor(config: Config) {
  return {
    provide: IsolationProver,
    inject: Object.values(tokens),
    useFactory: (...given: readonly unknown[]): IsolationProver => {
      const ports = Object.fromEntries(Object.keys(tokens).map((name, index) => [name, given[index]]));
      const all = { ...ports, now: () => new Date() } as unknown as IsolationProverPorts;
      return new IsolationProver(all, config.BERTH_ISOLATION_PROOF_HOURS * hourMs);
    },
  };
}
