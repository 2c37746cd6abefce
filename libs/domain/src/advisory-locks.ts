/**
 * Every advisory lock that Berth takes, on whichever server, in one place, so that no two purposes share a number. Taken
 * for a transaction (`pg_advisory_xact_lock`), or on a connection that one caller keeps: through a pool, a session's lock would be
 * taken and released on different connections.
 *
 * The first key marks Berth ("brth" in ASCII), the second the purpose.
 */
export const advisoryLocks = {
  /** On a cluster, one `prepare` of it at a time: CREATE ROLE and CREATE SCHEMA IF NOT EXISTS race with themselves. */
  prepareCluster: [0x62727468, 1],
  /** On a server of this machine, one caller at a time makes its admin login: two must not both see it absent. */
  makeAdmin: [0x62727468, 2],
  /** On the catalog's server: one process at a time brings the catalog to its newest version. */
  migrateCatalog: [0x62727468, 101],
} as const satisfies Record<string, readonly [number, number]>;
