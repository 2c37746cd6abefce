import type { Actor, Finding, Place } from '@berth/domain';
import { type LoginSessions, TenantDatabase, type TenantSize, type WantedTenant } from '@berth/ports';
import { type ClusterConnections, type Connection, quoteIdent } from '../connection/index.js';
import { mendTenant } from './mend-tenant.js';
import { deviationsOf } from './tenant-facts.js';
import { claim, claimant } from './tenant-claim.js';
import { dropSchemaAndRoles, dropTablesInBatches, findLeftovers } from './tenant-removal.js';
import { rolesOf, wantedLogins } from './tenant-roles.js';
import { endSessions, existingRoles, sessionsByLogin } from './tenant-sessions.js';
import { readTenantState } from './tenant-state.js';

/**
 * Sizes are read from the files by the server, counts from its statistics. A table that was never analysed counts as 0 rows.
 */
const sizeQuery = `
  SELECT coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE c.relkind IN ('r', 'm', 'S')), 0)::float8 AS bytes,
         count(*) FILTER (WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition)::int AS tables,
         coalesce(sum(greatest(c.reltuples, 0)) FILTER (WHERE c.relkind = 'r'), 0)::float8 AS "estimatedRows",
         (SELECT count(*)::int FROM pg_stat_activity WHERE usename = ANY ($2)) AS sessions
  FROM pg_namespace n
  JOIN pg_depend d ON d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid AND d.classid = 'pg_class'::regclass
  JOIN pg_class c ON c.oid = d.objid
  WHERE n.nspname = $1`;

/** Tenants as roles, schemas and grants of PostgreSQL. */
export class PostgresTenantDatabase extends TenantDatabase {
  readonly #connections: ClusterConnections;

  constructor(connections: ClusterConnections) {
    super();
    this.#connections = connections;
  }

  async inspect(wanted: WantedTenant): Promise<readonly Finding[]> {
    const { place } = wanted;
    const state = await this.#connections.withTransaction(
      place.clusterId,
      place.database,
      (client) => readTenantState(client, place),
      { readOnly: true },
    );
    return deviationsOf(state, wanted).map(({ finding }) => finding);
  }

  async create(wanted: WantedTenant, actor: Actor): Promise<readonly string[]> {
    return this.#inPlace(wanted.place, actor, async (client) => {
      await claim(client, wanted.place, actor);
      return mendTenant(client, wanted);
    });
  }

  async madeBy(place: Place): Promise<string | null> {
    const { clusterId, database, tenantId } = place;
    const options = { readOnly: true };
    return this.#connections.withTransaction(clusterId, database, (client) => claimant(client, tenantId), options);
  }

  async converge(wanted: WantedTenant, actor: Actor): Promise<readonly string[]> {
    await this.#closeUnwanted(wanted, actor);
    return this.#inPlace(wanted.place, actor, (client) => mendTenant(client, wanted));
  }

  async setLogins(place: Place, logins: 'open' | 'closed', actor: Actor): Promise<void> {
    await this.#inPlace(place, actor, (client) => alterLogins(client, place, logins));
    if (logins === 'closed') await endSessions(this.#connections, place);
  }

  async drop(place: Place, actor: Actor): Promise<void> {
    await this.setLogins(place, 'closed', actor);
    await dropTablesInBatches(this.#connections, place, actor);
    await dropSchemaAndRoles(this.#connections, place, actor);
  }

  leftovers(place: Place): Promise<readonly string[]> {
    return findLeftovers(this.#connections, place);
  }

  async sessions(place: Place): Promise<readonly LoginSessions[]> {
    return this.#connections.withTransaction(
      place.clusterId,
      place.database,
      (client) => sessionsByLogin(client, place),
      { readOnly: true },
    );
  }

  async measure(place: Place): Promise<TenantSize> {
    const { rows } = await this.#connections.withTransaction(
      place.clusterId,
      place.database,
      (client) => client.query<TenantSize>(sizeQuery, [place.schema, rolesOf(place)]),
      { readOnly: true },
    );
    return rows[0] ?? { bytes: 0, tables: 0, estimatedRows: 0, sessions: 0 };
  }

  /**
   * A session outlives the role that it logged in with, and has no name any more by which to find it. So first nobody can log in,
   * then nobody is logged in, and only then the role is dropped.
   */
  async #closeUnwanted(wanted: WantedTenant, actor: Actor): Promise<void> {
    const { place } = wanted;
    const kept = [place.ownerRole, ...wantedLogins(wanted).map(({ name }) => name)];
    const unwanted = await this.#inPlace(place, actor, async (client) => {
      const roles = (await existingRoles(client, place)).filter((name) => !kept.includes(name));
      const close = roles.map((name) => `ALTER ROLE ${quoteIdent(name)} NOLOGIN PASSWORD NULL`);
      if (close.length > 0) await client.query(close.join('; '));
      return roles;
    });
    if (unwanted.length > 0) await endSessions(this.#connections, place, unwanted);
  }

  #inPlace<T>({ clusterId, database }: Place, actor: Actor, fn: (client: Connection) => Promise<T>): Promise<T> {
    return this.#connections.withTransaction(clusterId, database, fn, { actor });
  }
}

async function alterLogins(client: Connection, place: Place, logins: 'open' | 'closed'): Promise<void> {
  const roles = (await existingRoles(client, place)).filter((name) => name !== place.ownerRole);
  const attribute = logins === 'open' ? 'LOGIN' : 'NOLOGIN';
  if (roles.length > 0)
    await client.query(roles.map((name) => `ALTER ROLE ${quoteIdent(name)} ${attribute}`).join('; '));
}
