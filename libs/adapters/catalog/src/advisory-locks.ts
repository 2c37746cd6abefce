/** Every advisory lock that Berth takes on the catalog's server, in one place, so that no two purposes share a number. */
export const advisoryLocks = {
  /** One process at a time brings the catalog to its newest version. ("brth" in ASCII, then the purpose.) */
  migrate: [0x62727468, 101],
} as const satisfies Record<string, readonly [number, number]>;
