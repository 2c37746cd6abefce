/**
 * What a server was asked for. `stream`: slot, publication, subscription, schema and role of its name, and triggers that it quieted;
 * `place`: schema, roles, rights and sessions; `fence` and `gate`: their triggers and rows; `instance`: all of it.
 */
export const readBackKinds = ['stream', 'place', 'fence', 'gate', 'instance'] as const;
export type ReadBackKind = (typeof readBackKinds)[number];

export interface ReadBackLook {
  readonly what: ReadBackKind;
  /** Of the stream, the schema or the instance. */
  readonly name: string;
  readonly clusterId: string;
}

/** What the servers themselves, or who keeps the instances, said is gone. Where something was left there is none, and an error that names it. */
export interface ReadBack {
  /** ISO 8601; when the last of them had answered. */
  readonly at: string;
  readonly gone: readonly ReadBackLook[];
}
