import { type Actor, BerthError, type Finding, type Place } from '@berth/domain';
import { type AdoptionPreview, TenantAdoption, type WantedTenant } from '@berth/ports';
import type { FakeTenantDatabase } from './fake-tenant-database.js';

/** A schema that somebody made by hand. */
export interface FakeSchemaByHand {
  owner: string;
  /** Who holds which right there. */
  readonly rights: Set<string>;
}

interface Trial {
  readonly operationId: string;
  readonly owner: string;
  readonly rights: readonly string[];
}

/** Adoptions in memory; the tenant's own objects are those of the fake of the database. */
export class FakeTenantAdoption extends TenantAdoption {
  readonly #schemas = new Map<string, FakeSchemaByHand>();
  readonly #trials = new Map<string, Trial>();
  readonly #fences = new Map<string, number>();
  /** What the next looks find beside what is there. */
  findings: readonly Finding[] = [];

  constructor(private readonly database: FakeTenantDatabase) {
    super();
  }

  /** Makes a schema as somebody would have, long before. */
  makeByHand(place: Place, owner: string, rights: readonly string[] = []): void {
    this.#schemas.set(keyOf(place), { owner, rights: new Set(rights) });
  }

  schemaAt(place: Place): FakeSchemaByHand | undefined {
    return this.#schemas.get(keyOf(place));
  }

  async preview(place: Place): Promise<AdoptionPreview> {
    const schema = this.#schemas.get(keyOf(place));
    if (schema === undefined) return { findings: [finding('schema-missing', 'error', place.schema)], roles: [] };
    const taken = (await this.database.leftovers(place)).map((message) => finding('target-taken', 'error', message));
    const changes = [finding('owner-changes', 'info', `${place.schema} of ${schema.owner}`)];
    return { findings: [...taken, ...changes, ...this.findings], roles: [schema.owner] };
  }

  async take(wanted: WantedTenant, actor: Actor): Promise<readonly string[]> {
    const { place } = wanted;
    this.#act(place, actor);
    const trial = this.#trials.get(keyOf(place));
    if (trial !== undefined && trial.operationId !== actor.operationId) throw conflict(place);
    if (trial === undefined) {
      const { findings } = await this.preview(place);
      const faults = findings.filter(({ severity }) => severity === 'error');
      if (faults.some(({ code }) => code === 'target-taken')) throw conflict(place);
      if (faults.length > 0) {
        throw new BerthError('preflight-failed', 'It cannot be adopted.', { details: { findings: faults } });
      }
      const { owner, rights } = this.#require(place);
      this.#trials.set(keyOf(place), { operationId: actor.operationId, owner, rights: [...rights] });
    }
    this.#require(place).owner = place.ownerRole;
    return await this.database.converge(wanted, actor);
  }

  async onTrial(place: Place, actor: Actor): Promise<string | null> {
    this.#act(place, actor);
    return this.#trials.get(keyOf(place))?.operationId ?? null;
  }

  inspect(wanted: WantedTenant): Promise<readonly Finding[]> {
    return this.database.inspect(wanted);
  }

  async giveBack(place: Place, actor: Actor): Promise<readonly string[]> {
    this.#act(place, actor);
    const trial = this.#trials.get(keyOf(place));
    if (trial?.operationId !== actor.operationId) return [];
    this.database.giveUp(place, actor);
    this.makeByHand(place, trial.owner, trial.rights);
    this.#trials.delete(keyOf(place));
    return [`Gave the schema ${place.schema} back to ${trial.owner}.`];
  }

  async confirm(wanted: WantedTenant, actor: Actor): Promise<readonly string[]> {
    const { place } = wanted;
    this.#act(place, actor);
    const trial = this.#trials.get(keyOf(place));
    if (trial === undefined) return [];
    if (trial.operationId !== actor.operationId) throw conflict(place);
    const { rights } = this.#require(place);
    const gone = [...rights].map((right) => `Revoked ${right}.`);
    rights.clear();
    this.#trials.delete(keyOf(place));
    return [...(await this.database.converge(wanted, actor)), ...gone];
  }

  #require(place: Place): FakeSchemaByHand {
    const schema = this.#schemas.get(keyOf(place));
    if (schema === undefined) throw new BerthError('preflight-failed', `There is no schema ${place.schema}.`);
    return schema;
  }

  #act(place: Place, actor: Actor): void {
    const key = `${place.clusterId}/${actor.tenantId}`;
    if (actor.fence < (this.#fences.get(key) ?? 0)) {
      throw new BerthError('lease-lost', `A newer worker acts on tenant ${actor.tenantId}; this one changed nothing.`);
    }
    this.#fences.set(key, actor.fence);
  }
}

function conflict({ schema }: Place): BerthError {
  return new BerthError('placement-conflict', `Something of a tenant is at ${schema} already.`);
}

function finding(code: string, severity: Finding['severity'], message: string): Finding {
  return { code, severity, object: 'schema', message, remedy: null };
}

function keyOf(place: Place): string {
  return `${place.clusterId}/${place.database}/${place.schema}`;
}
