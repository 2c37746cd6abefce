import { type Actor, parseTenantId, type Place, scramVerifier } from '@berth/domain';
import type { TenantAdoption, TenantDatabase, WantedTenant } from '@berth/ports';

export interface TenantAdoptionSubject {
  readonly adoption: TenantAdoption;
  readonly database: TenantDatabase;
  /** A schema made by hand, by owners of its own, on a prepared cluster; its tenant would be this one. */
  makeByHand(tenantId: string): Promise<Place>;
  /** Owners and rights in the schema, as a text that is equal when they are. */
  look(place: Place): Promise<string>;
  /** Whether the tenant's login is let in with this password. */
  letsIn(place: Place, password: string): Promise<boolean>;
  readonly close: () => Promise<void>;
}

const password = 'correct horse';
const verifier = scramVerifier(password, { iterations: 4096 });
const limits = { connectionLimit: 5, statementTimeoutMs: 30_000, idleInTransactionTimeoutMs: 60_000 };

/** What every adapter of adoptions does. A subject is a prepared cluster; it is shared by the tests. */
export function describeTenantAdoptionContract(name: string, makeSubject: () => Promise<TenantAdoptionSubject>): void {
  describe(`the tenant adoption ${name}`, () => {
    let subject: TenantAdoptionSubject;
    let place: Place;
    let before: string;
    let count = 0;

    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterAll(async () => {
      await subject.close();
    });
    beforeEach(async () => {
      count += 1;
      place = await subject.makeByHand(`adopted-${count}`);
      before = await subject.look(place);
    });

    const actor = (fence = 1, operationId = 'op-1'): Actor => ({
      operationId,
      tenantId: parseTenantId(`adopted-${count}`),
      fence,
    });
    const wanted = (): WantedTenant => ({ place, limits, verifiers: { a: verifier }, logins: 'open' });

    it('shows what would change, and changes nothing', async () => {
      const { findings, roles } = await subject.adoption.preview(place);
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(findings.map(({ code }) => code)).toContain('owner-changes');
      expect(roles.length).toBeGreaterThan(0);
      expect(await subject.look(place)).toBe(before);
    });

    it('refuses a schema that is not there', async () => {
      const nowhere = { ...place, schema: 'nowhere' };
      const { findings } = await subject.adoption.preview(nowhere);
      expect(findings).toEqual([expect.objectContaining({ code: 'schema-missing', severity: 'error' })]);
      await expect(subject.adoption.take({ ...wanted(), place: nowhere }, actor())).rejects.toMatchObject({
        code: 'preflight-failed',
      });
      expect(await subject.adoption.onTrial(nowhere, actor())).toBeNull();
    });

    it('takes it on trial, a second time without a change, and lets the tenant in', async () => {
      expect((await subject.adoption.take(wanted(), actor())).length).toBeGreaterThan(0);
      expect(await subject.adoption.take(wanted(), actor())).toEqual([]);
      expect(await subject.adoption.onTrial(place, actor())).toBe('op-1');
      expect(await subject.adoption.inspect(wanted())).toEqual([]);
      expect(await subject.letsIn(place, password)).toBe(true);
    });

    it('gives everything back as it was, and again', async () => {
      await subject.adoption.take(wanted(), actor());
      expect((await subject.adoption.giveBack(place, actor())).length).toBeGreaterThan(0);
      expect(await subject.look(place)).toBe(before);
      expect(await subject.adoption.onTrial(place, actor())).toBeNull();
      expect(await subject.letsIn(place, password)).toBe(false);
      expect(await subject.adoption.giveBack(place, actor())).toEqual([]);
      // And it can be taken anew.
      await subject.adoption.take(wanted(), actor(2, 'op-2'));
      expect(await subject.adoption.onTrial(place, actor(2, 'op-2'))).toBe('op-2');
    });

    it('gives nothing back that another operation took, or nobody', async () => {
      expect(await subject.adoption.giveBack(place, actor())).toEqual([]);
      await subject.adoption.take(wanted(), actor());
      const taken = await subject.look(place);
      expect(await subject.adoption.giveBack(place, actor(2, 'op-2'))).toEqual([]);
      await expect(subject.adoption.take(wanted(), actor(2, 'op-2'))).rejects.toMatchObject({
        code: 'placement-conflict',
      });
      expect(await subject.look(place)).toBe(taken);
    });

    it('confirms: the tenant is as every tenant is, and nothing can be given back', async () => {
      await subject.adoption.take(wanted(), actor());
      expect((await subject.adoption.confirm(wanted(), actor())).length).toBeGreaterThan(0);
      expect(await subject.database.inspect(wanted())).toEqual([]);
      expect(await subject.adoption.onTrial(place, actor())).toBeNull();
      expect(await subject.adoption.confirm(wanted(), actor())).toEqual([]);
      const confirmed = await subject.look(place);
      expect(await subject.adoption.giveBack(place, actor())).toEqual([]);
      expect(await subject.look(place)).toBe(confirmed);
      expect(await subject.letsIn(place, password)).toBe(true);
    });

    it('refuses where the tenant has objects of its own already', async () => {
      await subject.adoption.take(wanted(), actor());
      await subject.adoption.confirm(wanted(), actor());
      const { findings } = await subject.adoption.preview(place);
      expect(findings.map(({ code }) => code)).toContain('target-taken');
      await expect(subject.adoption.take(wanted(), actor(2, 'op-2'))).rejects.toMatchObject({
        code: 'placement-conflict',
      });
    });

    it('refuses an actor whose lease was taken over, and changes nothing', async () => {
      await subject.adoption.take(wanted(), actor(7));
      const stale = expect.objectContaining({ code: 'lease-lost' }) as unknown;
      await expect(subject.adoption.take(wanted(), actor(6))).rejects.toEqual(stale);
      await expect(subject.adoption.confirm(wanted(), actor(6))).rejects.toEqual(stale);
      await expect(subject.adoption.giveBack(place, actor(6))).rejects.toEqual(stale);
      expect(await subject.adoption.onTrial(place, actor(7))).toBe('op-1');
      expect(await subject.letsIn(place, password)).toBe(true);
    });
  });
}
