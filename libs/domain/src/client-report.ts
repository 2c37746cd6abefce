/** How long a report is believed, in ms. A client that still works says so again, well before that. */
export const clientReportLifeMs = 300_000;

/** What a client of a tenant (a pod, a process of the product) said of itself: with which login it works. */
export interface ClientReport {
  /** Its own name, unique within the tenant: the newest report of a name counts. */
  readonly client: string;
  readonly username: string;
  /** Of the secret that it read. */
  readonly generation: number;
  /** The generation of the announced place for which it has done what it could; null: of none. */
  readonly readyFor: number | null;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** What a client says itself. */
export type ClientWord = Pick<ClientReport, 'client' | 'username' | 'generation'> &
  Partial<Pick<ClientReport, 'readyFor'>>;
