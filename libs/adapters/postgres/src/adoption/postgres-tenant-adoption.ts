import { type Actor, BerthError, type Finding, type Place } from '@berth/domain';
import { type AdoptionPreview, TenantAdoption, type WantedTenant } from '@berth/ports';
import { type ClusterConnections, type Connection, serverMajor } from '../connection/index.js';
import { awaitFree } from '../fence/long-holders.js';
import type { Deviation } from '../tenancy/deviation.js';
import { mendTenant } from '../tenancy/mend-tenant.js';
import { PostgresTenantDatabase } from '../tenancy/postgres-tenant-database.js';
import { deviationsOf } from '../tenancy/tenant-facts.js';
import { readTenantState } from '../tenancy/tenant-state.js';
import { endRecord, ownRecord, readRecord, writeRecord } from './adoption-record.js';
import { endTrial } from './end-trial.js';
import { giveBackAll } from './give-back.js';
import { type Holdings, readHoldings, readRoles, rolesIn } from './holdings.js';
import { admitOwnersSql, joinAgainSql, shareFutureSql } from './memberships.js';
import { previewAdoption } from './preview.js';

/**
 * How long the tenant's clients may queue behind one table's lock; then nothing has changed and it is tried again. Who holds a table for
 * long is waited for before that.
 */
const lockTimeoutMs = 2_000;

/** What somebody else still has while the tenant is on trial. All the rest is as for any tenant. */
const leftUntilConfirmed: readonly string[] = [
  'foreign-grant',
  'foreign-membership',
  'foreign-default-privilege',
  'database-open',
];

const holdsOnTrial = ({ finding }: Deviation): boolean => !leftUntilConfirmed.includes(finding.code);

/** Schemas made by hand that become tenants, by their owners and rights. */
export class PostgresTenantAdoption extends TenantAdoption {
  readonly #connections: ClusterConnections;
  readonly #database: PostgresTenantDatabase;

  constructor(connections: ClusterConnections) {
    super();
    this.#connections = connections;
    this.#database = new PostgresTenantDatabase(connections);
  }

  preview(place: Place): Promise<AdoptionPreview> {
    return this.#connections.withTransaction(
      place.clusterId,
      place.database,
      (client) => previewAdoption(client, place),
      { readOnly: true, isolation: 'repeatable read' },
    );
  }

  take(wanted: WantedTenant, actor: Actor): Promise<readonly string[]> {
    const { place } = wanted;
    return this.#changeAll(place, actor, async (client) => {
      const before = (await ownRecord(client, place, actor))?.before ?? (await begin(client, place, actor));
      const major = await serverMajor(client);
      const roles = await readRoles(client, rolesIn(before));
      const changes = await mendTenant(client, wanted, holdsOnTrial);
      const members = [
        ...admitOwnersSql(place, before, roles, major),
        ...shareFutureSql(place, before, roles, major),
        ...joinAgainSql(roles, major),
      ];
      if (members.length > 0) await client.query(members.join(';\n'));
      return changes;
    });
  }

  async onTrial(place: Place, actor: Actor): Promise<string | null> {
    return this.#change(
      place,
      actor,
      async (client) => (await readRecord(client, place.tenantId))?.operationId ?? null,
    );
  }

  async inspect(wanted: WantedTenant): Promise<readonly Finding[]> {
    const { place } = wanted;
    const state = await this.#connections.withTransaction(
      place.clusterId,
      place.database,
      (client) => readTenantState(client, place),
      { readOnly: true },
    );
    return deviationsOf(state, wanted)
      .filter(holdsOnTrial)
      .map(({ finding }) => finding);
  }

  async giveBack(place: Place, actor: Actor): Promise<readonly string[]> {
    if ((await this.onTrial(place, actor)) !== actor.operationId) return [];
    await this.#database.setLogins(place, 'closed', actor);
    return this.#changeAll(place, actor, async (client) => {
      const record = await ownRecord(client, place, actor);
      if (record === null) return [];
      const given = await giveBackAll(client, place, record.before);
      await endRecord(client, place);
      return given;
    });
  }

  confirm(wanted: WantedTenant, actor: Actor): Promise<readonly string[]> {
    const { place } = wanted;
    return this.#changeAll(place, actor, async (client) => {
      const record = await ownRecord(client, place, actor);
      if (record === null) return [];
      const changes = await endTrial(client, wanted, record.before);
      await endRecord(client, place);
      return changes;
    });
  }

  /** Changes of owner are locks against everybody, of every table. */
  async #changeAll<T>(place: Place, actor: Actor, fn: (client: Connection) => Promise<T>): Promise<T> {
    await awaitFree(this.#connections, place, 'everybody');
    return this.#change(place, actor, fn);
  }

  #change<T>({ clusterId, database }: Place, actor: Actor, fn: (client: Connection) => Promise<T>): Promise<T> {
    return this.#connections.withTransaction(clusterId, database, fn, { actor, lockTimeoutMs });
  }
}

/** Looks once more, as of now, and keeps what is there. @throws BerthError `preflight-failed` */
async function begin(client: Connection, place: Place, actor: Actor): Promise<Holdings> {
  const { findings } = await previewAdoption(client, place);
  const faults = findings.filter(({ severity }) => severity === 'error');
  const before = await readHoldings(client, place);
  if (faults.length > 0 || before === null) {
    const taken = faults.length > 0 && faults.every(({ code }) => code === 'target-taken');
    throw new BerthError(
      taken ? 'placement-conflict' : 'preflight-failed',
      `The schema ${place.schema} cannot be adopted: ${faults.map(({ message }) => message).join(' ')}`,
      { details: { findings: faults }, hint: faults[0]?.remedy ?? 'Mend what the findings name, then try again.' },
    );
  }
  await writeRecord(client, place, actor, before);
  return before;
}
