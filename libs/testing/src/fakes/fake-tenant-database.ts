import { type Actor, BerthError, type Finding, type LoginSlot, type Place } from '@berth/domain';
import { type LoginSessions, TenantDatabase, type TenantSize, type WantedTenant } from '@berth/ports';

/** The tenant's objects by name, each with what it looks like; what differs from the wanted ones is a finding. */
type Objects = ReadonlyMap<string, string>;

interface FakePlace {
  objects: Map<string, string>;
  sessions: FakeSession[];
}

export interface FakeSession {
  readonly slot: LoginSlot;
  ended: boolean;
}

/** Tenants of any number of clusters in memory, with fence, sessions and drift as a real server has them. */
export class FakeTenantDatabase extends TenantDatabase {
  readonly #places = new Map<string, FakePlace>();
  readonly #fences = new Map<string, number>();
  readonly #makers = new Map<string, string>();
  /** While set, every call fails with this error, as when the cluster is down. */
  unavailable: BerthError | undefined;
  /** Answered by `measure`, for all places. */
  size: Omit<TenantSize, 'sessions'> = { bytes: 8_192, tables: 0, estimatedRows: 0 };

  async inspect(wanted: WantedTenant): Promise<readonly Finding[]> {
    this.#mustBeUp();
    return this.#findings(wanted);
  }

  async create(wanted: WantedTenant, actor: Actor): Promise<readonly string[]> {
    const { place } = wanted;
    this.#act(place, actor);
    const taken = [...this.#place(place).objects.keys()];
    if (taken.length > 0 && this.#makers.get(keyOf(place)) !== actor.operationId) {
      throw new BerthError('placement-conflict', `Cluster ${place.clusterId} has ${taken.join(', ')} already.`, {
        details: { clusterId: place.clusterId, taken },
      });
    }
    this.#makers.set(keyOf(place), actor.operationId);
    return this.converge(wanted, actor);
  }

  async madeBy(place: Place): Promise<string | null> {
    this.#mustBeUp();
    return this.#makers.get(keyOf(place)) ?? null;
  }

  async converge(wanted: WantedTenant, actor: Actor): Promise<readonly string[]> {
    this.#act(wanted.place, actor);
    const findings = this.#findings(wanted);
    const place = this.#place(wanted.place);
    const removed = [...place.objects.keys()].filter((name) => !objectsOf(wanted).has(name));
    for (const name of removed) place.objects.delete(name);
    for (const [name, look] of objectsOf(wanted)) place.objects.set(name, look);
    this.#endSessions(place, ({ slot }) => !place.objects.has(`login ${slot}`));
    return findings.map(({ remedy, message }) => remedy ?? message);
  }

  async setLogins(place: Place, logins: 'open' | 'closed', actor: Actor): Promise<void> {
    this.#act(place, actor);
    const there = this.#place(place);
    for (const [name, look] of there.objects) {
      if (name.startsWith('login ')) there.objects.set(name, look.replace(/^(open|closed)/, logins));
    }
    if (logins === 'closed') this.#endSessions(there);
  }

  async drop(place: Place, actor: Actor): Promise<void> {
    this.giveUp(place, actor);
  }

  /** Ends sessions and takes roles away, as `drop` does; what the schema holds is not touched. */
  giveUp(place: Place, actor: Actor): void {
    this.#act(place, actor);
    this.#endSessions(this.#place(place));
    this.#places.delete(keyOf(place));
    this.#makers.delete(keyOf(place));
  }

  async leftovers(place: Place): Promise<readonly string[]> {
    this.#mustBeUp();
    return [...this.#place(place).objects.keys()].map((name) => `The ${name} is there.`);
  }

  async sessions(place: Place): Promise<readonly LoginSessions[]> {
    this.#mustBeUp();
    const open = this.#place(place).sessions.filter(({ ended }) => !ended);
    const slots: readonly LoginSlot[] = ['a', 'b'];
    return slots
      .map((slot) => ({ slot, application: '', sessions: open.filter((session) => session.slot === slot).length }))
      .filter(({ sessions }) => sessions > 0);
  }

  async measure(place: Place): Promise<TenantSize> {
    this.#mustBeUp();
    const there = this.#place(place);
    const sessions = there.sessions.filter(({ ended }) => !ended).length;
    if (!there.objects.has('schema')) return { bytes: 0, tables: 0, estimatedRows: 0, sessions };
    return { ...this.size, sessions };
  }

  /** Connects as a client of the tenant would. @throws an error when the login is missing or closed */
  connect(place: Place, slot: LoginSlot): FakeSession {
    const there = this.#place(place);
    if (there.objects.get(`login ${slot}`)?.startsWith('open') !== true) {
      throw new Error(`role "${place.loginRoles[slot]}" is not permitted to log in`);
    }
    const session = { slot, ended: false };
    there.sessions.push(session);
    return session;
  }

  /** Drops (`null`) or alters one object by hand: `role`, `schema`, `grants`, `login a`, `login b`. */
  damage(place: Place, object: string, look: string | null = null): void {
    const { objects } = this.#place(place);
    if (look === null) objects.delete(object);
    else objects.set(object, look);
  }

  /** What is there, for assertions: object names in order. */
  objects(place: Place): readonly string[] {
    return [...this.#place(place).objects.keys()].sort();
  }

  #findings(wanted: WantedTenant): readonly Finding[] {
    const { objects } = this.#place(wanted.place);
    const should = objectsOf(wanted);
    const names = [...new Set([...should.keys(), ...objects.keys()])];
    return names.filter((name) => objects.get(name) !== should.get(name)).map((name) => finding(name, objects, should));
  }

  #act(place: Place, actor: Actor): void {
    this.#mustBeUp();
    const key = `${place.clusterId}/${actor.tenantId}`;
    if (actor.fence < (this.#fences.get(key) ?? 0)) {
      throw new BerthError('lease-lost', `A newer worker acts on tenant ${actor.tenantId}; this one changed nothing.`);
    }
    this.#fences.set(key, actor.fence);
  }

  #endSessions(place: FakePlace, which: (session: FakeSession) => boolean = () => true): void {
    for (const session of place.sessions.filter(which)) session.ended = true;
  }

  #mustBeUp(): void {
    if (this.unavailable !== undefined) throw this.unavailable;
  }

  #place(place: Place): FakePlace {
    const key = keyOf(place);
    const known = this.#places.get(key) ?? { objects: new Map<string, string>(), sessions: [] };
    this.#places.set(key, known);
    return known;
  }
}

function keyOf(place: Place): string {
  return `${place.clusterId}/${place.database}/${place.schema}`;
}

function objectsOf({ limits, logins, verifiers }: WantedTenant): Objects {
  const slots: readonly LoginSlot[] = ['a', 'b'];
  return new Map([
    ['role', 'there'],
    ...slots.flatMap((slot): readonly [string, string][] => {
      const verifier = verifiers[slot];
      return verifier === undefined ? [] : [[`login ${slot}`, `${logins} ${verifier} ${JSON.stringify(limits)}`]];
    }),
    ['schema', 'there'],
    ['grants', 'there'],
  ]);
}

function finding(name: string, objects: Objects, should: Objects): Finding {
  const [code, verb] = !should.has(name)
    ? (['orphan-role', 'Drop'] as const)
    : objects.has(name)
      ? (['wrong-object', 'Mend'] as const)
      : ([`missing-${name.split(' ')[0] ?? name}`, 'Create'] as const);
  return { code, severity: 'error', object: name, message: `${code}: ${name}.`, remedy: `${verb} the ${name}.` };
}
