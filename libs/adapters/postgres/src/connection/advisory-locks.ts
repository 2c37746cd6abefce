/**
 * Every advisory lock that Berth takes on a tenants' cluster, in one place, so that no two purposes share a number. Always
 * the transaction form (`pg_advisory_xact_lock`): a session lock could be taken and released on different connections.
 *
 * The first key marks Berth ("brth" in ASCII), the second the purpose.
 */
export const advisoryLocks = {
  /** One `prepare` of a cluster at a time: CREATE ROLE and CREATE SCHEMA IF NOT EXISTS race with themselves. */
  prepareCluster: [0x62727468, 1],
} as const satisfies Record<string, readonly [number, number]>;

export function takeAdvisoryLock(lock: (typeof advisoryLocks)[keyof typeof advisoryLocks]): string {
  return `SELECT pg_advisory_xact_lock(${lock[0]}, ${lock[1]})`;
}
