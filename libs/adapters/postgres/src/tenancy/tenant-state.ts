import { type Place, serviceRole } from '@berth/domain';
import type { Connection } from '../connection/index.js';
import { fenceTrigger } from '../fence/fence-queries.js';
import { gateTrigger } from '../gate/gate-triggers.js';
import { migrationLoginOf, tenantsGroup } from './cluster-roles.js';
import { tenantStateSql, tenantStatesSql } from './tenant-state.sql.js';

export interface RoleState {
  readonly name: string;
  readonly login: boolean;
  readonly inherit: boolean;
  readonly super: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  readonly replication: boolean;
  readonly bypassRls: boolean;
  readonly connectionLimit: number;
  readonly expires: boolean;
  /** `name=value`, as the server keeps them. */
  readonly settings: readonly string[];
  /** Settings of the role in the tenants' database alone: they win over the others. */
  readonly databaseSettings: readonly string[];
  readonly comment: string | null;
}

export interface MembershipState {
  readonly role: string;
  readonly member: string;
  readonly memberIsAdmin: boolean;
  readonly grantor: string;
  readonly grantorIsSuper: boolean | null;
  readonly admin: boolean;
  readonly inherit: boolean;
  readonly set: boolean;
}

export interface OwnerState {
  readonly owner: string;
  readonly ownerSuper: boolean;
  /** The admin may make itself a member of it (PostgreSQL 16+ asks for that). */
  readonly ownerUsable: boolean;
}

export interface SchemaState extends OwnerState {
  /** A grantee null is PUBLIC. */
  readonly acl: readonly {
    readonly grantee: string | null;
    readonly grantor: string;
    readonly privilege: string;
    readonly grantable: boolean;
  }[];
}

/** What one tenant looks like on its cluster. */
export interface TenantState {
  readonly major: number;
  /** The admin. */
  readonly self: string;
  readonly database: string;
  readonly ownDatabase: boolean;
  readonly publicDatabaseRights: readonly string[];
  readonly serviceExists: boolean;
  readonly groupExists: boolean;
  readonly groupConnects: boolean | null;
  /** The schema's name as the server writes it into a search_path. */
  readonly quotedSchema: string;
  readonly roles: readonly RoleState[];
  readonly memberships: readonly MembershipState[];
  readonly schema: SchemaState | null;
  /** A fence or a gate stands on a table of the tenant. */
  readonly fenced: boolean;
  /** Objects in the schema that somebody else owns. */
  readonly strangers: readonly (OwnerState & { readonly type: string; readonly identity: string })[];
  /** Objects on which the service role lacks a right. Identities are quoted by the server. */
  readonly ungranted: readonly {
    readonly type: string;
    readonly identity: string;
    readonly privileges: readonly string[];
  }[];
  /** Of the owner, in the schema; `objects` as in pg_default_acl: r, S, f, T. */
  readonly defaultPrivileges: readonly {
    readonly objects: string;
    readonly privilege: string;
    readonly grantee: string | null;
  }[];
}

/** One query, whatever the number of objects and of other tenants. */
export async function readTenantState(client: Connection, place: Place): Promise<TenantState> {
  const { rows } = await client.query<{ state: TenantState }>({
    // Named: planned once a connection, since planning costs more than running it.
    name: 'berth-tenant-state',
    text: tenantStateSql,
    values: [place.schema, place.ownerRole, loginsOf(place), serviceRole, tenantsGroup, [fenceTrigger, gateTrigger]],
  });
  const state = rows[0]?.state;
  if (state === undefined) throw new Error('the query of the tenant state always gives one row');
  return state;
}

/** Of many tenants of one database, in their order: one query as well. */
export async function readTenantStates(client: Connection, places: readonly Place[]): Promise<readonly TenantState[]> {
  const wanted = places.map((place) => ({ schema: place.schema, owner: place.ownerRole, logins: loginsOf(place) }));
  const { rows } = await client.query<{ state: TenantState }>(tenantStatesSql, [
    JSON.stringify(wanted),
    null,
    null,
    serviceRole,
    tenantsGroup,
    [fenceTrigger, gateTrigger],
  ]);
  return rows.map(({ state }) => state);
}

function loginsOf({ loginRoles, ownerRole }: Place): readonly string[] {
  return [loginRoles.a, loginRoles.b, migrationLoginOf(ownerRole)];
}
