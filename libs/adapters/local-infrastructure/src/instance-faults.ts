import { BerthError, asBerthError } from '@berth/domain';
import type { Instance, InstanceSpec, InstanceStatus } from '@berth/ports';

/** An instance that was there keeps its version; to hand it out as another one would break the tenant's constraint. */
export function refuseOtherVersion({ clusterId, postgresMajor }: InstanceSpec, instance: Instance): void {
  if (postgresMajor === undefined || postgresMajor === instance.postgresMajor) return;
  const [there, wanted] = [String(instance.postgresMajor), String(postgresMajor)];
  throw new BerthError('infrastructure-failed', `The instance ${clusterId} is of PostgreSQL ${there}, not ${wanted}.`, {
    retry: 'never',
    hint: 'Destroy it first if it may go, or ask for the version that it has.',
  });
}

export function notRunning(
  clusterId: string,
  status: Exclude<InstanceStatus, { readonly state: 'running' }>,
): BerthError {
  const because = status.state === 'absent' ? 'it is gone' : status.because;
  return new BerthError('infrastructure-failed', `The instance ${clusterId} was made, but then ${because}.`);
}

/** What the local server says becomes the port's own word; what has a better code keeps it. */
export async function failing<T>(clusterId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error = asBerthError(thrown);
    if (error.code !== 'local-server-failed' && error.code !== 'internal') throw error;
    throw new BerthError('infrastructure-failed', `The instance ${clusterId}: ${error.message}`, {
      cause: error,
      details: error.details,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}
