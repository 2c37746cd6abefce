import { supportEnds } from '@berth/domain';
import { type Check, type Remark, remark } from '../check.js';
import { readings } from '../evidence.js';

const dayMs = 86_400_000;
/** Time enough to plan an upgrade. */
const warnedDays = 180;

export const versions: Check = {
  name: 'versions',
  examine: (evidence) => ({
    findings: readings(evidence).flatMap(({ clusterId, reading }) => judged(clusterId, reading, evidence.now)),
  }),
};

function judged(
  clusterId: string,
  { version, postgresMajor }: { readonly version: string; readonly postgresMajor: number },
  now: Date,
): readonly Remark[] {
  const ends = supportEnds(postgresMajor);
  if (ends === null) return [];
  const days = Math.floor((Number(ends) - Number(now)) / dayMs);
  if (days >= warnedDays) return [];
  const day = new Date(Number(ends) - 1).toISOString().slice(0, 10);
  const message =
    days < 0
      ? `It runs PostgreSQL ${version}, which has had no fixes since ${day}: a hole that is found stays open.`
      : `It runs PostgreSQL ${version}, which gets its last fixes on ${day}, in ${String(days)} days.`;
  const remedy = `Register a newer server, then: berth clusters drain ${clusterId}`;
  return [remark(days < 0 ? 'error' : 'warning', 'version-unsupported', `cluster ${clusterId}`, message, remedy)];
}
