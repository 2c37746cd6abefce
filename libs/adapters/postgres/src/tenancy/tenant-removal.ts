import { type Actor, BerthError, type Place } from '@berth/domain';
import { asMember, type ClusterConnections, type Connection, quoteIdent } from '../connection/index.js';
import { endClaim } from './tenant-claim.js';
import { existingRoles } from './tenant-sessions.js';
import { rolesOf } from './tenant-roles.js';

/** Each dropped table, index and type holds a lock until the commit; a server has 64 a connection by default, for all together. */
const tablesInOneTransaction = 50;

/** Tables in the schema by pg_depend: pg_class has no index by schema. Partitions go with their parents. */
const someTables = `
  SELECT c.relname FROM pg_namespace n
  JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid AND d.classid = 'pg_class'::regclass
  JOIN pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  WHERE n.nspname = $1 LIMIT $2`;

/** Drops tables in several transactions until what is left fits into one. */
export async function dropTablesInBatches(connections: ClusterConnections, place: Place, actor: Actor): Promise<void> {
  for (;;) {
    const dropped = await connections.withTransaction(
      place.clusterId,
      place.database,
      async (client) => {
        const { rows } = await client.query<{ relname: string }>(someTables, [place.schema, tablesInOneTransaction]);
        if (rows.length < tablesInOneTransaction) return 0;
        const names = rows.map(({ relname }) => `${quoteIdent(place.schema)}.${quoteIdent(relname)}`).join(', ');
        await asMember(client, await ownerOfSchema(client, place), () => client.query(`DROP TABLE ${names} CASCADE`));
        return rows.length;
      },
      { actor },
    );
    if (dropped === 0) return;
  }
}

async function ownerOfSchema(client: Connection, place: Place): Promise<readonly string[]> {
  return (await existingRoles(client, place)).filter((name) => name === place.ownerRole);
}

/**
 * Schema, everything that the roles own or were granted (default privileges too), and the roles: in one transaction. A role
 * that still owns something in another database makes the whole fail, with every leftover named.
 */
export async function dropSchemaAndRoles(connections: ClusterConnections, place: Place, actor: Actor): Promise<void> {
  try {
    await connections.withTransaction(
      place.clusterId,
      place.database,
      async (client) => {
        const roles = await existingRoles(client, place);
        const quoted = roles.map(quoteIdent).join(', ');
        await asMember(client, roles, async () => {
          await client.query(`DROP SCHEMA IF EXISTS ${quoteIdent(place.schema)} CASCADE`);
          if (roles.length > 0) await client.query(`DROP OWNED BY ${quoted} CASCADE`);
        });
        if (roles.length > 0) await client.query(`DROP ROLE ${quoted}`);
        await endClaim(client, place.tenantId);
      },
      { actor },
    );
  } catch (error) {
    if (!(error instanceof BerthError) || error.details['sqlState'] !== '2BP01') throw error;
    const leftovers = await findLeftovers(connections, place);
    throw new BerthError(
      'leftovers-found',
      `Roles of tenant ${place.tenantId} are still in use: ${leftovers.join(' ')}`,
      {
        cause: error,
        details: { leftovers },
        hint: 'Remove what is named in the other database, then retry.',
      },
    );
  }
}

const leftoversQuery = `
WITH named AS (SELECT oid, rolname FROM pg_roles WHERE rolname = ANY ($2))
SELECT format('Role %s is there.', rolname) AS sentence FROM named
UNION ALL
SELECT format('Schema %s is there, with %s objects.', n.nspname, (
  SELECT count(*) FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid))
FROM pg_namespace n WHERE n.nspname = $1
UNION ALL
SELECT format('%s %s %s object%s in %s.', named.rolname,
  CASE s.deptype WHEN 'o' THEN 'owns' WHEN 'a' THEN 'has rights on' ELSE 'is named by' END,
  count(*), CASE count(*) WHEN 1 THEN '' ELSE 's' END,
  CASE WHEN s.dbid = 0 THEN 'the whole cluster' ELSE 'database ' || coalesce(d.datname, s.dbid::text) END)
FROM named JOIN pg_shdepend s ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = named.oid
LEFT JOIN pg_database d ON d.oid = s.dbid
WHERE s.classid <> 'pg_auth_members'::regclass
GROUP BY named.rolname, s.deptype, s.dbid, d.datname
UNION ALL
SELECT format('%s has default privileges of its own.', named.rolname)
FROM named WHERE EXISTS (SELECT FROM pg_default_acl a WHERE a.defaclrole = named.oid)
UNION ALL
SELECT format('%s is a member of %s.', member.rolname, granted.rolname)
FROM named JOIN pg_auth_members m ON m.member = named.oid
JOIN pg_roles granted ON granted.oid = m.roleid JOIN pg_roles member ON member.oid = m.member
UNION ALL
SELECT format('%s session%s of %s.', count(*), CASE count(*) WHEN 1 THEN ' is left' ELSE 's are left' END, a.usename)
FROM pg_stat_activity a WHERE a.usename = ANY ($2) GROUP BY a.usename`;

export async function findLeftovers(connections: ClusterConnections, place: Place): Promise<readonly string[]> {
  return connections.withTransaction(
    place.clusterId,
    place.database,
    async (client) => {
      const { rows } = await client.query<{ sentence: string }>(leftoversQuery, [place.schema, rolesOf(place)]);
      return rows.map(({ sentence }) => sentence);
    },
    { readOnly: true },
  );
}
