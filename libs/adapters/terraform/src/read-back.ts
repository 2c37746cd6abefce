import { BerthError } from '@berth/domain';
import type { Instance, InstanceSpec, InstanceStatus } from '@berth/ports';
import type { InstanceNote } from './working-folder.js';

/** The instance as it was read, with what only the note knows: its labels, and whether it was ever whole. */
export function withNote(status: InstanceStatus, note: InstanceNote | null, lost: string): InstanceStatus {
  if (note === null) return status;
  if (status.state === 'absent') {
    return note.state === 'made'
      ? { state: 'broken', because: lost }
      : { state: 'creating', because: 'its creation began and did not end' };
  }
  if (status.state !== 'running') return status;
  if (note.state === 'making') return { state: 'creating', because: 'its first apply has not ended well' };
  return { state: 'running', instance: { ...status.instance, labels: note.labels } };
}

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
  return new BerthError('infrastructure-failed', `The instance ${clusterId} was applied, but then ${because}.`);
}
