import { BerthError, type ClusterAccess, type Finding } from '@berth/domain';
import { type ClusterLoad, ClusterProbe, type ClusterWishes } from '@berth/ports';
import type { ClusterConnections } from '../connection/index.js';
import { needsStreamsLogin } from '../replication/recipe.js';
import { streamsLoginFindings } from '../replication/streams-login.js';
import { findingsOf } from './cluster-checks.js';
import { readClusterFacts } from './cluster-facts.js';
import { applyStandard, ensureDatabase, inMaintenanceDatabase } from './cluster-standard.js';

const loadQuery = `
  SELECT pg_database_size(current_database())::float8 AS bytes,
         (SELECT count(*)::int FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datid IS NOT NULL) AS sessions,
         current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - coalesce(current_setting('reserved_connections', true), '0')::int AS "maxSessions",
         (SELECT count(*)::int FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
            AND nspname NOT IN ('public', 'berth')) AS schemas`;

/** A PostgreSQL server as a cluster: what it offers, and what Berth needs on it. */
export class PostgresClusterProbe extends ClusterProbe {
  readonly #connections: ClusterConnections;

  constructor(connections: ClusterConnections) {
    super();
    this.#connections = connections;
  }

  async check(
    access: ClusterAccess,
    wishes: ClusterWishes = { extensions: [], maxTenants: null },
  ): Promise<{ readonly postgresMajor: number | null; readonly findings: readonly Finding[] }> {
    try {
      const read = await inMaintenanceDatabase(access, (client) => readClusterFacts(client, access, wishes));
      const { major } = read.facts;
      const findings = [...findingsOf(read, access, wishes), ...(await streamsFindings(major, access, wishes))];
      return { postgresMajor: major, findings };
    } catch (error) {
      const finding = unreachable(error, access);
      if (finding === undefined) throw error;
      return { postgresMajor: null, findings: [finding] };
    }
  }

  async prepare(access: ClusterAccess): Promise<readonly string[]> {
    return [...(await ensureDatabase(access)), ...(await applyStandard(access))];
  }

  async load(clusterId: string): Promise<ClusterLoad> {
    const { rows } = await this.#connections.withTransaction(
      clusterId,
      undefined,
      (client) => client.query<ClusterLoad>(loadQuery),
      { readOnly: true },
    );
    return rows[0] ?? { bytes: 0, sessions: 0, maxSessions: 0, schemas: 0 };
  }
}

async function streamsFindings(
  major: number,
  access: ClusterAccess,
  { streams }: ClusterWishes,
): Promise<readonly Finding[]> {
  const { clusterId } = access;
  if (streams === undefined) return [];
  if (streams !== null) return streamsLoginFindings(clusterId, { ...access, ...streams });
  return needsStreamsLogin(major) ? streamsLoginFindings(clusterId, null, 'info') : [];
}

/** A login that is refused, or a server that cannot be asked, is a finding; everything else is an error of Berth's. */
function unreachable(error: unknown, access: ClusterAccess): Finding | undefined {
  if (!(error instanceof BerthError)) return undefined;
  const codes = ['cluster-unreachable', 'cluster-tls', 'database-unavailable', 'cluster-rights', 'cluster-busy'];
  if (!codes.includes(error.code)) return undefined;
  const code = error.code === 'database-unavailable' ? 'cluster-unreachable' : error.code;
  return {
    code: code === 'cluster-busy' ? 'cluster-full' : code,
    severity: 'error',
    object: `cluster ${access.clusterId}`,
    message: error.message,
    remedy:
      error.hint ?? `Check that ${access.host}:${access.port} answers and that its address and TLS mode are right.`,
  };
}
