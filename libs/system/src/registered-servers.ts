import { BerthError } from '@berth/domain';
import { Infrastructure, type InstanceStatus } from '@berth/ports';

/** For a system whose dedicated servers somebody else makes: each is registered as a cluster, and none is made here. */
export class RegisteredServers extends Infrastructure {
  plan(): Promise<never> {
    return Promise.reject(nobodyMakesOne());
  }

  create(): Promise<never> {
    return Promise.reject(nobodyMakesOne());
  }

  inspect(): Promise<InstanceStatus> {
    return Promise.resolve({ state: 'absent' });
  }

  /** To say that it is gone would be a lie: it was made under another setting. */
  destroy(clusterId: string): Promise<never> {
    return Promise.reject(madeOtherwise([clusterId]));
  }

  list(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async ensureRunning(clusterIds: readonly string[]): Promise<void> {
    if (clusterIds.length > 0) throw madeOtherwise(clusterIds);
  }

  report(): Promise<null> {
    return Promise.resolve(null);
  }

  quotas(): Promise<readonly []> {
    return Promise.resolve([]);
  }
}

function nobodyMakesOne(): BerthError {
  return new BerthError('no-cluster-fits', 'No registered dedicated server is free, and Berth makes none here.', {
    hint: 'Register one: berth clusters register <id> --tier dedicated --host <name>. It is free again when its tenant has left.',
  });
}

function madeOtherwise(clusterIds: readonly string[]): BerthError {
  const names = clusterIds.join(', ');
  return new BerthError('infrastructure-failed', `Berth made ${names} under another BERTH_INFRASTRUCTURE.`, {
    retry: 'operator',
    hint: 'Set BERTH_INFRASTRUCTURE to what it was until their tenants have left, and start again.',
  });
}
