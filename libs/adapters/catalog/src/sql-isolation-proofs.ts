import type { IsolationProof, IsolationReport, IsolationVerdict } from '@berth/domain';
import { IsolationProofs } from '@berth/ports';
import type { CatalogDatabase } from './catalog-database.js';

const facts = /* sql */ `
  p.id, p.cluster_id AS "clusterId", p.state, p.verdict, p.requested_by AS "requestedBy", p.created_at AS "createdAt",
  p.started_at AS "startedAt", p.ended_at AS "endedAt"
`;
const all = `${facts}, p.report`;

const insert = /* sql */ `
  INSERT INTO berth.isolation_proofs AS p (id, cluster_id, requested_by) VALUES ($1, $2, $3)
  ON CONFLICT (cluster_id) WHERE state <> 'ended' DO NOTHING RETURNING ${all}
`;

const open = /* sql */ `SELECT ${all} FROM berth.isolation_proofs p WHERE p.cluster_id = $1 AND p.state <> 'ended'`;

const newest = /* sql */ `
  SELECT ${all} FROM berth.isolation_proofs p WHERE p.cluster_id = $1 ORDER BY p.seq DESC LIMIT 1
`;

const lastAsked = /* sql */ `
  SELECT p.created_at AS "askedAt" FROM berth.isolation_proofs p WHERE p.cluster_id = $1 ORDER BY p.seq DESC LIMIT 1
`;

const lastEnded = /* sql */ `
  SELECT ${all} FROM berth.isolation_proofs p WHERE p.cluster_id = $1 AND p.state = 'ended' ORDER BY p.seq DESC LIMIT 1
`;

/** A cluster that was registered anew under an old name has the proofs of the old one behind it, and none of its own. */
const lastEndedOfAll = /* sql */ `
  SELECT p.* FROM berth.clusters c CROSS JOIN LATERAL (
    SELECT ${facts} FROM berth.isolation_proofs p
    WHERE p.cluster_id = c.id AND p.state = 'ended' AND p.created_at >= c.created_at ORDER BY p.seq DESC LIMIT 1
  ) p ORDER BY p."clusterId"
`;

/** Times are kept in whole milliseconds, and `now` is rounded as they are. */
const claim = /* sql */ `
  UPDATE berth.isolation_proofs p
  SET state = 'running', started_at = coalesce(p.started_at, now()), worked_until = now() + $1 * interval '1 millisecond'
  WHERE p.id = (
    SELECT id FROM berth.isolation_proofs WHERE state <> 'ended' AND worked_until <= now()::timestamptz(3)
    ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING ${all}
`;

const renew = /* sql */ `
  UPDATE berth.isolation_proofs SET worked_until = now() + $2 * interval '1 millisecond' WHERE id = $1 AND state <> 'ended'
`;

const end = /* sql */ `
  UPDATE berth.isolation_proofs SET state = 'ended', verdict = $2, report = $3::jsonb, ended_at = now()
  WHERE id = $1 AND state <> 'ended'
`;

export class SqlIsolationProofs extends IsolationProofs {
  constructor(private readonly database: CatalogDatabase) {
    super();
  }

  async request(proof: Parameters<IsolationProofs['request']>[0]): Promise<IsolationProof> {
    const { id, clusterId, requestedBy } = proof;
    for (;;) {
      const asked = await this.database.one<IsolationProof>(insert, [id, clusterId, requestedBy]);
      // The one in the way may end before it is read: then there is room for this one.
      const found = asked ?? (await this.database.one<IsolationProof>(open, [clusterId]));
      if (found !== null) return found;
    }
  }

  async newestOf(clusterId: string): Promise<IsolationProof | null> {
    return await this.database.one<IsolationProof>(newest, [clusterId]);
  }

  async lastAskedAt(clusterId: string): Promise<Date | null> {
    return (await this.database.one<{ askedAt: Date }>(lastAsked, [clusterId]))?.askedAt ?? null;
  }

  async lastEndedOf(clusterId: string): Promise<IsolationProof | null> {
    return await this.database.one<IsolationProof>(lastEnded, [clusterId]);
  }

  async lastEnded(): Promise<readonly Omit<IsolationProof, 'report'>[]> {
    return await this.database.rows<Omit<IsolationProof, 'report'>>(lastEndedOfAll);
  }

  async claim(workMs: number): Promise<IsolationProof | null> {
    return await this.database.one<IsolationProof>(claim, [workMs]);
  }

  async renew(id: string, workMs: number): Promise<void> {
    await this.database.rows(renew, [id, workMs]);
  }

  async end(id: string, verdict: IsolationVerdict, report: IsolationReport): Promise<void> {
    await this.database.rows(end, [id, verdict, JSON.stringify(report)]);
  }
}
