import { parseTenantId, scramVerifier, type PoolerAccess, type TenantRoute } from '@berth/domain';
import type { TenantRouter } from '@berth/ports';

export interface TenantRouterSubject {
  readonly router: TenantRouter;
  /** A sound pooler that runs and knows no alias. */
  readonly access: PoolerAccess;
  /** What the pooler itself shows of an alias, asked past the adapter. */
  readonly shown: (
    alias: string,
  ) => Promise<{ readonly port: number; readonly poolSize: number; readonly held: boolean } | null>;
  /** Somebody else holds an alias on its console. */
  readonly holdByHand: (alias: string) => Promise<void>;
  /** The pooler ends without a word. */
  readonly kill: () => Promise<void>;
  /** It starts again, from its files; false: it could not. */
  readonly restart: () => Promise<boolean>;
  /** It answers nobody, as on a machine that stands still, and goes on. */
  readonly freeze: () => void;
  readonly thaw: () => void;
  readonly loseFiles: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const verifier = scramVerifier('only-a-test');
const acme = parseTenantId('acme-corp');
const globex = parseTenantId('globex');

function routeOf(tenantId: typeof acme, port: number, poolSize = 3): TenantRoute {
  const role = `tenant_${tenantId.replaceAll('-', '_')}__a`;
  return { tenantId, host: '127.0.0.1', port, database: 'tenants', poolSize, logins: [{ role, verifier }] };
}

/** What every tenant router does. A subject is used by one test. */
export function describeTenantRouterContract(name: string, makeSubject: () => Promise<TenantRouterSubject>): void {
  describe(`the tenant router ${name}`, () => {
    let subject: TenantRouterSubject;
    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(async () => {
      await subject.close();
    });
    const route = (...routes: readonly TenantRoute[]) =>
      subject.router.route(
        subject.access,
        routes.map((one) => ({ tenantId: one.tenantId, route: one })),
      );
    const remove = (tenantId: typeof acme) => subject.router.route(subject.access, [{ tenantId, route: null }]);
    const drift = async (...wanted: readonly TenantRoute[]) =>
      (await subject.router.drift(subject.access, wanted)).map(({ tenantId }) => tenantId);

    it('finds nothing that stops a sound pooler, and changes nothing by looking', async () => {
      const findings = await subject.router.check(subject.access, []);
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(await subject.router.takeOver(subject.access)).toEqual([]);
      expect(await drift()).toEqual([]);
    });

    it('adds, changes and removes an alias, and leaves the others alone', async () => {
      await route(routeOf(acme, 5001));
      await route(routeOf(globex, 5002));
      await route(routeOf(acme, 5003, 7));
      expect(await subject.shown(acme)).toEqual({ port: 5003, poolSize: 7, held: false });
      expect(await subject.shown(globex)).toEqual({ port: 5002, poolSize: 3, held: false });
      await remove(acme);
      await remove(acme);
      expect(await subject.shown(acme)).toBeNull();
      expect(await subject.shown(globex)).not.toBeNull();
      expect(await drift(routeOf(globex, 5002))).toEqual([]);
    });

    it('holds an alias until it is routed, and knows none that is not there', async () => {
      await route(routeOf(acme, 5001));
      expect(await subject.router.hold(subject.access, acme, { timeoutMs: 1_000 })).toBe('quiet');
      expect(await subject.router.hold(subject.access, acme, { timeoutMs: 1_000 })).toBe('quiet');
      expect(await subject.shown(acme)).toMatchObject({ held: true });
      expect(await subject.router.hold(subject.access, globex, { timeoutMs: 1_000 })).toBe('absent');
      await route(routeOf(acme, 5001));
      expect(await subject.shown(acme)).toMatchObject({ held: false });
    });

    it('finds what is missing, too much, elsewhere, of another size, or held', async () => {
      await route(routeOf(acme, 5001), routeOf(globex, 5002));
      expect(await drift(routeOf(acme, 5001), routeOf(globex, 5002))).toEqual([]);
      expect(await drift(routeOf(acme, 5001))).toEqual([globex]);
      expect(await drift(routeOf(acme, 5009), routeOf(globex, 5002))).toEqual([acme]);
      expect(await drift(routeOf(acme, 5001), routeOf(globex, 5002, 4))).toEqual([globex]);
      const third = parseTenantId('initech');
      expect(await drift(routeOf(acme, 5001), routeOf(globex, 5002), routeOf(third, 5003))).toEqual([third]);
      await subject.holdByHand(acme);
      expect(await drift(routeOf(acme, 5001), routeOf(globex, 5002))).toEqual([acme]);
    });

    it('knows its aliases again after a crash', async () => {
      await route(routeOf(acme, 5001));
      await subject.kill();
      await expect(subject.router.drift(subject.access, [routeOf(acme, 5001)])).rejects.toMatchObject({
        code: 'pooler-unreachable',
      });
      expect(await subject.restart()).toBe(true);
      expect(await subject.shown(acme)).toMatchObject({ port: 5001 });
      expect(await drift(routeOf(acme, 5001))).toEqual([]);
    });

    it('writes for a pooler that does not answer, and does not forget that it was not read back', async () => {
      await route(routeOf(acme, 5001), routeOf(globex, 5002));
      await subject.kill();
      for (const change of [() => route(routeOf(acme, 5009)), () => remove(globex)]) {
        await expect(change()).rejects.toMatchObject({ code: 'pooler-unreachable' });
      }
      expect(await subject.router.hold(subject.access, acme, { timeoutMs: 1_000 })).toBe('absent');
      expect((await subject.router.check(subject.access, [])).map(({ code }) => code)).toEqual(['pooler-unreachable']);
      expect(await subject.restart()).toBe(true);
      expect([await subject.shown(acme), await subject.shown(globex)]).toMatchObject([{ port: 5009 }, null]);
      expect(await drift(routeOf(acme, 5009))).toEqual([null, null]);
      await subject.router.route(subject.access, []);
      expect(await drift(routeOf(acme, 5009))).toEqual([]);
    });

    it('does not take one that is silent for one that is gone', async () => {
      await route(routeOf(acme, 5001));
      subject.freeze();
      try {
        await expect(subject.router.hold(subject.access, acme, { timeoutMs: 1_000 })).rejects.toMatchObject({
          code: 'pooler-unreachable',
        });
      } finally {
        subject.thaw();
      }
      expect(await subject.router.hold(subject.access, acme, { timeoutMs: 1_000 })).toBe('quiet');
    });

    it('makes lost files again, also for a pooler that cannot start without them', async () => {
      await route(routeOf(acme, 5001), routeOf(globex, 5002));
      await subject.kill();
      await subject.loseFiles();
      expect(await subject.restart()).toBe(false);
      expect(await drift(routeOf(acme, 5001), routeOf(globex, 5002))).toEqual(
        expect.arrayContaining([acme, globex, null]),
      );
      await expect(route(routeOf(acme, 5001), routeOf(globex, 5002))).rejects.toMatchObject({
        code: 'pooler-unreachable',
      });
      expect(await subject.restart()).toBe(true);
      await subject.router.route(subject.access, []);
      expect(await drift(routeOf(acme, 5001), routeOf(globex, 5002))).toEqual([]);
    });

    it('forgets every alias', async () => {
      await route(routeOf(acme, 5001), routeOf(globex, 5002));
      await subject.router.forget(subject.access);
      await subject.router.forget(subject.access);
      expect([await subject.shown(acme), await subject.shown(globex)]).toEqual([null, null]);
      expect(await drift()).toEqual([]);
    });
  });
}
