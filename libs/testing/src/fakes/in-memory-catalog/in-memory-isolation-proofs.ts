import type { IsolationProof, IsolationReport, IsolationVerdict } from '@berth/domain';
import { IsolationProofs } from '@berth/ports';
import { asJson, type CatalogMemory, type IsolationProofRecord } from './catalog-memory.js';

export class InMemoryIsolationProofs extends IsolationProofs {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async request(proof: Parameters<IsolationProofs['request']>[0]): Promise<IsolationProof> {
    const { id, clusterId, requestedBy } = proof;
    const open = this.memory.isolationProofs.find((one) => one.proof.clusterId === clusterId && isOpen(one));
    if (open !== undefined) return open.proof;
    const now = this.memory.now();
    const nothing = { verdict: null, report: null, startedAt: null, endedAt: null } as const;
    const asked: IsolationProof = { id, clusterId, requestedBy, state: 'waiting', createdAt: now, ...nothing };
    this.memory.isolationProofs.push({ proof: asked, workedUntil: now });
    return asked;
  }

  async newestOf(clusterId: string): Promise<IsolationProof | null> {
    return this.memory.isolationProofs.findLast(({ proof }) => proof.clusterId === clusterId)?.proof ?? null;
  }

  async lastAskedAt(clusterId: string): Promise<Date | null> {
    return (await this.newestOf(clusterId))?.createdAt ?? null;
  }

  async lastEndedOf(clusterId: string): Promise<IsolationProof | null> {
    const ended = this.memory.isolationProofs.filter((one) => !isOpen(one));
    return ended.findLast(({ proof }) => proof.clusterId === clusterId)?.proof ?? null;
  }

  async lastEnded(): Promise<readonly Omit<IsolationProof, 'report'>[]> {
    const clusters = [...this.memory.clusters.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
    const found = await Promise.all(
      clusters.map(async ({ id, createdAt }) => {
        const last = await this.lastEndedOf(id);
        return last !== null && last.createdAt >= createdAt ? [last] : [];
      }),
    );
    return found.flat().map(({ report: _, ...proof }) => proof);
  }

  async claim(workMs: number): Promise<IsolationProof | null> {
    const now = this.memory.now();
    const idle = this.memory.isolationProofs.find((one) => isOpen(one) && one.workedUntil <= now);
    if (idle === undefined) return null;
    idle.workedUntil = this.memory.now(workMs);
    idle.proof = { ...idle.proof, state: 'running', startedAt: idle.proof.startedAt ?? now };
    return idle.proof;
  }

  async renew(id: string, workMs: number): Promise<void> {
    const record = this.#record(id);
    if (record !== undefined) record.workedUntil = this.memory.now(workMs);
  }

  async end(id: string, verdict: IsolationVerdict, report: IsolationReport): Promise<void> {
    const record = this.#record(id);
    if (record === undefined || !isOpen(record)) return;
    const ended = { state: 'ended', verdict, report: asJson(report), endedAt: this.memory.now() } as const;
    record.proof = { ...record.proof, ...ended };
  }

  #record(id: string): IsolationProofRecord | undefined {
    return this.memory.isolationProofs.find(({ proof }) => proof.id === id);
  }
}

function isOpen({ proof }: IsolationProofRecord): boolean {
  return proof.state !== 'ended';
}
