import { BerthError, type Finding } from '@berth/domain';

/** With these a server says no more; a started operation waits for it with that reason. The last one does not pass by itself. */
export const unanswered: Readonly<Record<string, Finding['severity']>> = {
  'cluster-unreachable': 'warning',
  'database-unavailable': 'warning',
  'cluster-busy': 'warning',
  'cluster-rights': 'error',
};

/** A server that does not answer is a finding too. */
export async function asked(clusterId: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (thrown) {
    if (!(thrown instanceof BerthError)) throw thrown;
    const { code, message, hint } = thrown;
    const severity = unanswered[code];
    if (severity === undefined) throw thrown;
    const remedy = hint ?? `Start cluster ${clusterId}, or wait until it answers.`;
    return [{ code, severity, object: `cluster ${clusterId}`, message, remedy }];
  }
}
