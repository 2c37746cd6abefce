import { tenantsDatabase, type TenantId } from '@berth/domain';
import { seed } from './tenant-data.js';
import type { World } from './world.js';

const nameOf = (tenantId: TenantId): string => `legacy_${tenantId.replaceAll('-', '_')}`;

/** A schema on `shared-1` that somebody made by hand long before: by two owners, with rights for a third. */
export async function makeLegacy(world: World, tenantId: TenantId): Promise<string> {
  const server = world.servers['shared-1']!;
  const schema = nameOf(tenantId);
  const [app, ops, report] = ['app', 'ops', 'report'].map((name) => `${schema}_${name}`);
  await server.psql(
    `SET SESSION AUTHORIZATION ${server.admin.user};
     CREATE ROLE ${app}; CREATE ROLE ${ops}; CREATE ROLE ${report};
     RESET SESSION AUTHORIZATION;
     CREATE SCHEMA ${schema} AUTHORIZATION ${app};
     GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${ops};
     GRANT USAGE ON SCHEMA ${schema} TO ${report};
     SET ROLE ${app}; SET search_path = ${schema};
     ALTER DEFAULT PRIVILEGES IN SCHEMA ${schema} GRANT SELECT ON TABLES TO ${report};
     ${seed}
     GRANT SELECT (id, name) ON port TO ${ops};
     SET ROLE ${ops};
     CREATE TABLE note (id serial PRIMARY KEY, line text);
     CREATE VIEW ports AS SELECT id, name FROM port;
     GRANT SELECT ON note TO ${app} WITH GRANT OPTION;`,
    tenantsDatabase,
  );
  return schema;
}

const acl = (column: string, kind: string, owner: string): string =>
  `(SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(coalesce(${column}, acldefault('${kind}', ${owner}))) a)`;

/** Owners, rights and members there, and whether it is on trial; of a tenant that was never one by hand: null. */
export async function legacyOf(world: World, tenantId: TenantId): Promise<object | null> {
  const server = world.servers['shared-1'];
  const schema = nameOf(tenantId);
  const ask = async (sql: string): Promise<readonly string[]> =>
    ((await server?.psql(sql, tenantsDatabase)) ?? '').trim().split('\n');
  const [there] = await ask(`SELECT count(*) FROM pg_namespace WHERE nspname = '${schema}'`);
  if (there !== '1') return null;
  const inIt = `= (SELECT oid FROM pg_namespace WHERE nspname = '${schema}')`;
  return {
    owned: await ask(`
      SELECT nspname, pg_get_userbyid(nspowner), ${acl('nspacl', 'n', 'nspowner')} FROM pg_namespace WHERE nspname = '${schema}'
      UNION ALL SELECT relname, pg_get_userbyid(relowner), ${acl('relacl', 'r', 'relowner')}
        FROM pg_class WHERE relnamespace ${inIt} AND relkind <> 'S'
      UNION ALL SELECT relname, pg_get_userbyid(relowner), ${acl('relacl', 's', 'relowner')}
        FROM pg_class WHERE relnamespace ${inIt} AND relkind = 'S'
      UNION ALL SELECT typname, pg_get_userbyid(typowner), ${acl('typacl', 'T', 'typowner')} FROM pg_type WHERE typnamespace ${inIt}
      UNION ALL SELECT a.attname, '', a.attacl::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace ${inIt} AND a.attacl IS NOT NULL
      UNION ALL SELECT 'default', pg_get_userbyid(defaclrole), defaclacl::text FROM pg_default_acl WHERE defaclnamespace ${inIt}
      ORDER BY 1, 2, 3`),
    members: await ask(`SELECT pg_get_userbyid(roleid), pg_get_userbyid(member) FROM pg_auth_members
      WHERE pg_get_userbyid(roleid) LIKE '%${schema.slice('legacy_'.length)}%' AND pg_get_userbyid(member) LIKE '${schema}%' ORDER BY 1, 2`),
    onTrial: await ask(`SELECT count(*) FROM berth.adoption WHERE tenant_id = '${tenantId}'`),
  };
}
