import { type Actor, type LoginSlot, parseTenantId, type Place, scramVerifier } from '@berth/domain';
import type { TenantDatabase, WantedTenant } from '@berth/ports';

export interface TenantSession {
  /** True once the server has ended the session. */
  ended(): Promise<boolean>;
}

export interface TenantDatabaseSubject {
  readonly database: TenantDatabase;
  /** A place on a prepared cluster, empty. */
  place(tenantId: string): Place;
  /** Opens a session as the tenant would. Rejects when the login is refused. */
  connect(place: Place, slot: LoginSlot, password: string): Promise<TenantSession>;
  /** Drops the tenant's schema by hand. */
  dropSchema(place: Place): Promise<void>;
  readonly close: () => Promise<void>;
}

const password = 'correct horse';
const verifier = scramVerifier(password, { iterations: 4096 });
const limits = { connectionLimit: 5, statementTimeoutMs: 30_000, idleInTransactionTimeoutMs: 60_000 };

/** What every adapter of tenants' roles and schemas does. A subject is a prepared cluster; it is shared by the tests. */
export function describeTenantDatabaseContract(name: string, makeSubject: () => Promise<TenantDatabaseSubject>): void {
  describe(`the tenant database ${name}`, () => {
    let subject: TenantDatabaseSubject;
    let place: Place;
    let count = 0;

    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterAll(async () => {
      await subject.close();
    });
    beforeEach(() => {
      count += 1;
      place = subject.place(`contract-${count}`);
    });

    const actor = (fence = 1): Actor => ({ operationId: 'op-1', tenantId: parseTenantId(`contract-${count}`), fence });
    const wanted = (change: Partial<WantedTenant> = {}): WantedTenant => ({
      place,
      limits,
      verifiers: { a: verifier },
      logins: 'open',
      ...change,
    });

    it('makes a tenant, and finds nothing to do the second time', async () => {
      const plan = await subject.database.inspect(wanted());
      expect(plan.length).toBeGreaterThan(0);
      expect(await subject.database.converge(wanted(), actor())).toEqual(plan.map(({ remedy }) => remedy));
      expect(await subject.database.inspect(wanted())).toEqual([]);
      expect(await subject.database.converge(wanted(), actor())).toEqual([]);
    });

    it('lets the active login in, and not the other slot', async () => {
      await subject.database.converge(wanted(), actor());
      await expect(subject.connect(place, 'a', password)).resolves.toBeDefined();
      await expect(subject.connect(place, 'b', password)).rejects.toThrow();
    });

    it('makes the second login when it gets a verifier, and drops it when it has none', async () => {
      await subject.database.converge(wanted(), actor());
      await subject.database.converge(wanted({ verifiers: { a: verifier, b: verifier } }), actor());
      await expect(subject.connect(place, 'b', password)).resolves.toBeDefined();
      expect(await subject.database.converge(wanted({ verifiers: { b: verifier } }), actor())).toHaveLength(1);
      await expect(subject.connect(place, 'a', password)).rejects.toThrow();
      expect(await subject.database.inspect(wanted({ verifiers: { b: verifier } }))).toEqual([]);
    });

    it('ends the sessions of a login that is dropped, and of no other', async () => {
      await subject.database.converge(wanted({ verifiers: { a: verifier, b: verifier } }), actor());
      const leaving = await subject.connect(place, 'a', password);
      const staying = await subject.connect(place, 'b', password);
      expect(await subject.database.sessions(place)).toEqual([
        { slot: 'a', application: '', sessions: 1 },
        { slot: 'b', application: '', sessions: 1 },
      ]);
      await subject.database.converge(wanted({ verifiers: { b: verifier } }), actor());
      expect([await leaving.ended(), await staying.ended()]).toEqual([true, false]);
      expect(await subject.database.sessions(place)).toEqual([{ slot: 'b', application: '', sessions: 1 }]);
    });

    it('reports a changed plan limit and applies it', async () => {
      await subject.database.converge(wanted(), actor());
      const bigger = wanted({ limits: { ...limits, connectionLimit: 50, statementTimeoutMs: 0 } });
      const found = await subject.database.inspect(bigger);
      expect(found.length).toBeGreaterThan(0);
      await subject.database.converge(bigger, actor());
      expect(await subject.database.inspect(bigger)).toEqual([]);
    });

    it('finds a dropped schema and makes it again', async () => {
      await subject.database.converge(wanted(), actor());
      await subject.dropSchema(place);
      const found = await subject.database.inspect(wanted());
      expect(found.map(({ code }) => code)).toContain('missing-schema');
      expect(await subject.database.converge(wanted(), actor())).toEqual(found.map(({ remedy }) => remedy));
      expect(await subject.database.inspect(wanted())).toEqual([]);
    });

    it('trap 24: ends every session when the logins close, and lets nobody in until they open', async () => {
      await subject.database.converge(wanted(), actor());
      const session = await subject.connect(place, 'a', password);
      expect(await session.ended()).toBe(false);
      await subject.database.setLogins(place, 'closed', actor());
      expect(await session.ended()).toBe(true);
      await expect(subject.connect(place, 'a', password)).rejects.toThrow();
      expect(await subject.database.inspect(wanted({ logins: 'closed' }))).toEqual([]);
      await subject.database.setLogins(place, 'closed', actor());
      await subject.database.setLogins(place, 'open', actor());
      await expect(subject.connect(place, 'a', password)).resolves.toBeDefined();
    });

    it('drops everything, says what is left before and nothing after, and drops again', async () => {
      await subject.database.converge(wanted(), actor());
      expect((await subject.database.leftovers(place)).length).toBeGreaterThan(0);
      await subject.database.drop(place, actor());
      expect(await subject.database.leftovers(place)).toEqual([]);
      await subject.database.drop(place, actor());
      await expect(subject.connect(place, 'a', password)).rejects.toThrow();
    });

    it('knows which operation made a place, and lets no other make it again while something is there', async () => {
      const { database } = subject;
      const other: Actor = { ...actor(2), operationId: 'op-2' };
      expect(await database.madeBy(place)).toBeNull();
      expect((await database.create(wanted(), actor())).length).toBeGreaterThan(0);
      expect(await database.create(wanted(), actor())).toEqual([]);
      await expect(database.create(wanted(), other)).rejects.toMatchObject({ code: 'placement-conflict' });
      expect(await database.madeBy(place)).toBe('op-1');
      await database.drop(place, other);
      expect(await database.madeBy(place)).toBeNull();
      await database.create(wanted(), other);
      expect(await database.madeBy(place)).toBe('op-2');
    });

    it('refuses to make a place where somebody else made something, and leaves it as it was', async () => {
      await subject.database.converge(wanted(), actor());
      const changed = wanted({ logins: 'closed' });
      await expect(subject.database.create(changed, actor())).rejects.toMatchObject({ code: 'placement-conflict' });
      expect(await subject.database.madeBy(place)).toBeNull();
      expect(await subject.database.inspect(wanted())).toEqual([]);
    });

    it('measures a tenant that is there and one that is not', async () => {
      expect(await subject.database.measure(place)).toEqual({ bytes: 0, tables: 0, estimatedRows: 0, sessions: 0 });
      await subject.database.converge(wanted(), actor());
      await subject.connect(place, 'a', password);
      expect(await subject.database.measure(place)).toMatchObject({ tables: 0, estimatedRows: 0, sessions: 1 });
    });

    it('refuses an actor whose lease was taken over, and changes nothing', async () => {
      await subject.database.converge(wanted(), actor(7));
      const stale = expect.objectContaining({ code: 'lease-lost' });
      await expect(subject.database.setLogins(place, 'closed', actor(6))).rejects.toEqual(stale);
      await expect(subject.database.drop(place, actor(6))).rejects.toEqual(stale);
      await expect(subject.database.converge(wanted({ logins: 'closed' }), actor(6))).rejects.toEqual(stale);
      expect(await subject.database.inspect(wanted())).toEqual([]);
      await expect(subject.connect(place, 'a', password)).resolves.toBeDefined();
    });
  });
}
