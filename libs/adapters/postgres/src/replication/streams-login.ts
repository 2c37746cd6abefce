import { asBerthError, type ClusterAccess, type Finding } from '@berth/domain';
import { withFreshClient } from '../connection/index.js';

/** On Amazon RDS the master may make subscriptions, as a member of a role of theirs, and is no superuser. */
const rightsQuery = `
  SELECT rolsuper OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname = 'rds_superuser' AND pg_has_role(r.oid, 'USAGE')) AS mighty,
    has_function_privilege('pg_replication_origin_advance(text, pg_lsn)', 'EXECUTE') AS advances
  FROM pg_roles WHERE rolname = session_user`;

const remedy = (clusterId: string): string =>
  `As a superuser: CREATE ROLE berth_streams LOGIN SUPERUSER PASSWORD …; then: berth clusters streams-login ${clusterId}. On Amazon RDS its master is that login.`;

/** Why the login for streams of a cluster would not do, or that there is none. Read-only. */
export async function streamsLoginFindings(
  clusterId: string,
  access: ClusterAccess | null,
  severity: Finding['severity'] = 'error',
): Promise<readonly Finding[]> {
  const find = (code: string, message: string, what = remedy(clusterId)): readonly Finding[] => [
    { code, severity, object: `cluster ${clusterId}`, message, remedy: what },
  ];
  if (access === null) {
    return find(
      'streams-login-missing',
      'It has no login for streams, without which no tenant moves online from or to PostgreSQL 15.',
    );
  }
  try {
    const [rights] = await withFreshClient(access, 'postgres', async (client) => {
      return (await client.query<{ mighty: boolean; advances: boolean }>(rightsQuery)).rows;
    });
    if (rights?.mighty === true && rights.advances) return [];
    return find('streams-login-right', `Its login for streams, ${access.user}, is no superuser, nor in rds_superuser.`);
  } catch (error) {
    const { message, hint } = asBerthError(error);
    return find('streams-login-refused', `Its login for streams, ${access.user}, gets no answer: ${message}`, hint);
  }
}
