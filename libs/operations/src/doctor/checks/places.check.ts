import type { TenantId } from '@berth/domain';
import { type Check, remark, type Remark } from '../check.js';
import { atWork, readings } from '../evidence.js';

/**
 * Schemas and roles with the name of a tenant that does not live there. Never dropped by Berth: a schema is data, and a role may own
 * some elsewhere on the server.
 */
export const places: Check = {
  name: 'places',
  examine: (evidence) => ({
    findings: readings(evidence).flatMap(({ clusterId, reading }) => {
      const live = [...evidence.before.placements, ...evidence.after.placements].filter(
        (place) => place.clusterId === clusterId,
      );
      const schemas = new Set(live.map(({ schema }) => schema));
      const tenants = new Set<string>(live.map(({ tenantId }) => tenantId));
      const isHere = (role: string) => tenants.has(tenantOf(role)) || atWork(evidence, tenantOf(role)) !== undefined;
      return [
        ...reading.schemas
          .filter(({ name, owner }) => !schemas.has(name) && !isHere(owner))
          .map(({ name, owner }) => orphanedSchema(clusterId, name, owner)),
        ...orphanedRoles(
          clusterId,
          reading.roles.filter((role) => !isHere(role)),
        ),
      ];
    }),
  }),
};

/** `tenant_acme_corp__a` → `acme-corp` */
function tenantOf(role: string): TenantId {
  return role
    .replace(/^tenant_/, '')
    .replace(/__[a-z]$/, '')
    .replaceAll('_', '-') as TenantId;
}

function orphanedSchema(clusterId: string, schema: string, owner: string): Remark {
  return remark(
    'warning',
    'schema-orphaned',
    `schema ${schema} on cluster ${clusterId}`,
    `It belongs to ${owner}, and the catalog knows no such tenant there.`,
    `To keep it: berth tenants adopt ${tenantOf(owner)} --cluster ${clusterId} --schema ${schema}. To end it, as the admin: DROP SCHEMA "${schema}" CASCADE`,
  );
}

/** Those of one tenant together. */
function orphanedRoles(clusterId: string, roles: readonly string[]): readonly Remark[] {
  const names = [...new Set(roles.map(tenantOf))];
  return names.map((tenantId) => {
    const own = roles.filter((role) => tenantOf(role) === tenantId);
    const quoted = own.map((role) => `"${role}"`).join(', ');
    return remark(
      'warning',
      'role-orphaned',
      `roles of ${tenantId} on cluster ${clusterId}`,
      `${own.join(', ')}: the catalog knows no such tenant there.`,
      `When nobody needs what they own, as the admin: DROP OWNED BY ${quoted}; DROP ROLE ${quoted}`,
    );
  });
}
