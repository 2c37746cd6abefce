import type { Finding, Place } from '@berth/domain';
import type { Connection } from '../connection/index.js';

/** An empty one stays empty until somebody fills it, there as here. $1 oid of the schema. */
const viewsQuery = `
  SELECT format('materialized view %I.%I', n.nspname, c.relname) AS object FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relnamespace = $1::oid AND c.relkind = 'm' AND c.relispopulated ORDER BY 1`;

export async function viewFindings(client: Connection, schemaOid: string): Promise<readonly Finding[]> {
  const { rows } = await client.query<{ object: string }>(viewsQuery, [schemaOid]);
  return rows.map(({ object }) => ({
    code: 'view-refreshed',
    severity: 'info',
    object,
    message: `No stream carries ${object}: it is filled at the target from the rows that were copied, and refreshed there after the switch. Until then its readers see what it held before.`,
    remedy: null,
  }));
}

/** Those of the tenant itself are an error of every copy already. $1 owner role, $2 login roles. */
const preparedQuery = `
  SELECT 'prepared transaction ' || quote_literal(gid) AS object, owner::text AS owner, database::text AS database,
    extract(epoch FROM now() - prepared)::int AS seconds
  FROM pg_prepared_xacts WHERE NOT (database = current_database() AND (owner = $1 OR owner = ANY ($2::text[]))) ORDER BY 1`;

/** Whoever owns it: a slot waits for every transaction of its server that is open when it is made, and no session can be ended to end this one. */
export async function preparedFindings(client: Connection, place: Place): Promise<readonly Finding[]> {
  const { rows } = await client.query<{ object: string; owner: string; database: string; seconds: number }>(
    preparedQuery,
    [place.ownerRole, Object.values(place.loginRoles)],
  );
  return rows.map(({ object, owner, database, seconds }) => ({
    code: 'prepared-elsewhere',
    severity: 'warning',
    object: `cluster ${place.clusterId}`,
    message: `The ${object} of ${owner} in database ${database} has been open for ${String(seconds)} s: until it ends no stream can begin on this server, whoever's it is.`,
    remedy: 'COMMIT PREPARED or ROLLBACK PREPARED it, or wait until its owner does.',
  }));
}

/** Of walsenders that are nobody's of its own a login without pg_read_all_stats sees that they are there, and no more. */
const unseenQuery = `
  SELECT count(*)::int AS standbys FROM pg_stat_replication r
  WHERE r.state IS NULL AND NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')`;

/** The copy pauses for standbys that are too far behind, and for none that it does not see. */
export async function standbyFindings(client: Connection, { clusterId }: Place): Promise<readonly Finding[]> {
  const { rows } = await client.query<{ standbys: number }>(unseenQuery);
  const standbys = rows[0]?.standbys ?? 0;
  if (standbys === 0) return [];
  return [
    {
      code: 'standbys-unseen',
      severity: 'warning',
      object: `cluster ${clusterId}`,
      message: `The admin login may not see how far the standbys of this server (${String(standbys)}) are behind: the copy pauses for none of them.`,
      remedy: 'As a superuser: GRANT pg_read_all_stats TO <admin>',
    },
  ];
}
