import type { IsolationProof, IsolationReport, IsolationVerdict } from '@berth/domain';

/** Proofs of isolation, asked for and ended. An ended one never changes, and none is ever deleted. */
export abstract class IsolationProofs {
  /** Asks for one; while one of the cluster has not ended, that one is the answer. */
  abstract request(proof: Pick<IsolationProof, 'id' | 'clusterId' | 'requestedBy'>): Promise<IsolationProof>;
  abstract newestOf(clusterId: string): Promise<IsolationProof | null>;
  /** When the newest one was asked for. Reads no report: one of many tenants takes tens of megabytes, and the clock asks every minute. */
  abstract lastAskedAt(clusterId: string): Promise<Date | null>;
  /** The newest one that has ended. */
  abstract lastEndedOf(clusterId: string): Promise<IsolationProof | null>;
  /** The newest ended one of every cluster, without the reports. */
  abstract lastEnded(): Promise<readonly Omit<IsolationProof, 'report'>[]>;
  /** The oldest one that nobody works on; the caller has it alone for so long, in ms. */
  abstract claim(workMs: number): Promise<IsolationProof | null>;
  /** Keeps a claim for longer. */
  abstract renew(id: string, workMs: number): Promise<void>;
  /** What has ended already stays as it is. */
  abstract end(id: string, verdict: IsolationVerdict, report: IsolationReport): Promise<void>;
}
