import { attemptsBy, type TenantId } from '@berth/domain';
import type { IsolationLogin, IsolationPooler, IsolationProber } from '@berth/ports';

export interface IsolationProberSubject {
  readonly prober: IsolationProber;
  /** Three tenants on one cluster that keeps them apart. */
  readonly logins: readonly [IsolationLogin, IsolationLogin, IsolationLogin];
  readonly pooler: IsolationPooler;
  /** Lets the first one read a table of the second. */
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
  /** The first one's login is refused from now on. */
  readonly lockOut: () => Promise<IsolationLogin>;
}

/** What every prober does. The subject is shared by all tests. */
export function describeIsolationProberContract(name: string, makeSubject: () => IsolationProberSubject): void {
  describe(`the isolation prober ${name}`, () => {
    const { signal } = new AbortController();
    const forMs = 60_000;
    const idsOf = (logins: readonly IsolationLogin[]): readonly TenantId[] => logins.map(({ place }) => place.tenantId);

    it.each(['directly', 'through a pooler'])('tries every attempt on every other tenant, %s', async (way) => {
      const { prober, logins, ...subject } = makeSubject();
      const [from, ...others] = logins;
      const pooler = way === 'directly' ? null : subject.pooler;
      const targets = others.map((login) => ({ place: login.place, login }));
      const seen = await prober.tryAll(from, targets, { pooler, forMs, signal });
      expect([...seen.keys()]).toEqual(idsOf(others));
      for (const outcomes of seen.values()) {
        expect(outcomes.map(({ attempt }) => attempt).sort()).toEqual([...attemptsBy(pooler && 'any')].sort());
        expect(outcomes.filter(({ verdict }) => verdict !== 'refused')).toEqual([]);
      }
    });

    it('names the tenant that is reached, and no other', async () => {
      const { prober, logins, open, close } = makeSubject();
      const [from, second, third] = logins;
      await open();
      const targets = [second, third].map((login) => ({ place: login.place, login }));
      const seen = await prober.tryAll(from, targets, { pooler: null, forMs, signal });
      await close();
      const read = idsOf([second, third]).map((id) => seen.get(id)?.find(({ attempt }) => attempt === 'select'));
      expect(read.map((one) => one?.verdict)).toEqual(['reached', 'refused']);
      expect(read[0]?.because).toContain(second.place.tenantId);
    });

    it('takes a login that is refused for nothing tried', async () => {
      const { prober, logins, lockOut } = makeSubject();
      const [, second] = logins;
      const seen = await prober.tryAll(await lockOut(), [{ place: second.place, login: second }], {
        pooler: null,
        forMs,
        signal,
      });
      const verdicts = (seen.get(second.place.tenantId) ?? []).map(({ verdict }) => verdict);
      expect(new Set(verdicts)).toEqual(new Set(['not-tried']));
    });

    it('begins no further target when its time is over, and says so', async () => {
      const { prober, logins } = makeSubject();
      const [from, second] = logins;
      const options = { pooler: null, forMs: 0, signal };
      const seen = await prober.tryAll(from, [{ place: second.place, login: second }], options);
      const outcomes = seen.get(second.place.tenantId) ?? [];
      expect(outcomes.find(({ attempt }) => attempt === 'select')).toMatchObject({
        verdict: 'not-tried',
        because: expect.stringContaining('time'),
      });
    });

    it('stops when it is told to', async () => {
      const { prober, logins } = makeSubject();
      const reason = new Error('stop');
      const told = prober.tryAll(logins[0], [], { pooler: null, forMs, signal: AbortSignal.abort(reason) });
      await expect(told).rejects.toBe(reason);
    });
  });
}
