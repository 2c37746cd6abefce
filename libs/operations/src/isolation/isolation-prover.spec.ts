import { attemptsBy, parseTenantId, secretRefs, type TenantId } from '@berth/domain';
import { FakeSystem } from '@berth/testing';
import { choosePairs } from './choose-pairs.js';

const [alpha, bravo, charlie] = ['alpha', 'bravo', 'charlie'].map((id) => parseTenantId(id)) as [
  TenantId,
  TenantId,
  TenantId,
];
const hourMs = 3_600_000;
let system: FakeSystem;

beforeEach(async () => {
  system = new FakeSystem();
  await system.addCluster('shared-1');
  for (const id of [alpha, bravo, charlie]) await system.readyTenant(id);
});

let asked = 0;
async function prove() {
  asked += 1;
  const { proofs } = system.catalog;
  await proofs.request({ id: `p${String(asked)}`, clusterId: 'shared-1', requestedBy: 'test' });
  await system.prover().work(new AbortController().signal);
  const proof = await proofs.lastEndedOf('shared-1');
  if (proof?.report === null || proof === null) throw new Error('it has not ended');
  const { verdict, report } = proof;
  const others = report.rows.flatMap((row) => row.others.map((one) => ({ ...row, ...one })));
  return { verdict, report, others };
}

const newcomer = (id: string, clusterId?: string) =>
  system.desk.plan({
    ...{ kind: 'provision-tenant', tenantId: parseTenantId(id), plan: 'free', constraints: { labels: {} } },
    ...(clusterId !== undefined && { clusterId }),
  });

describe('a proof of isolation', () => {
  it('counts every attempt of every pair by every way, and is green only when all were refused', async () => {
    await system.addPooler('pool-1');
    const { verdict, report } = await prove();
    expect(verdict).toBe('isolated');
    expect(report).toMatchObject({ tenants: 3, pairs: 6, allPairs: 6, sample: null, poolers: ['pool-1'] });
    expect(report.rows).toHaveLength(12);
    const total = report.counts.reduce((sum, { refused, reached, notTried }) => sum + refused + reached + notTried, 0);
    expect(total).toBe(6 * (attemptsBy(null).length + attemptsBy('pool-1').length));
    expect(report.counts.every(({ refused }) => refused === 6)).toBe(true);
  });

  it('is red by one way from one tenant to one other, and names it', async () => {
    system.prober.holes.set('alpha>charlie', ['select', 'statistics']);
    const { verdict, others } = await prove();
    expect(verdict).toBe('broken');
    expect(others.map(({ from, to, attempt, verdict: one }) => [from, to, attempt, one])).toEqual([
      [alpha, charlie, 'select', 'reached'],
      [alpha, charlie, 'statistics', 'reached'],
    ]);
  });

  it('is not green where a tenant could not try: suspended, without its secret, or not let in', async () => {
    await system.perform({ kind: 'suspend-tenant', tenantId: alpha, reason: 'unpaid' });
    await system.secrets.remove(secretRefs.tenantDb(bravo));
    system.prober.lockedOut.add(charlie);
    const { verdict, report, others } = await prove();
    expect(verdict).toBe('incomplete');
    expect(report.counts.every(({ refused, notTried }) => refused === 0 && notTried === 6)).toBe(true);
    expect([...new Set(others.map(({ because }) => because))]).toEqual([
      'alpha is suspended: its logins are closed.',
      'The secret of bravo is missing.',
      'It could not log in.',
    ]);
  });

  it('tries to reach an old place that is kept, and nothing from there', async () => {
    await system.addCluster('shared-2');
    const target = { tier: 'shared', clusterId: 'shared-2' } as const;
    await system.perform({ kind: 'move-tenant', tenantId: alpha, target, strategy: 'dump', switchMode: 'auto' });
    const { report } = await prove();
    expect(report).toMatchObject({ tenants: 3, pairs: 4 });
    expect(system.prober.tried.map(({ from, to }) => [from, to])).toEqual([
      [bravo, [alpha, charlie]],
      [charlie, [alpha, bravo]],
    ]);
  });

  it('has nothing to say of one tenant alone', async () => {
    for (const tenantId of [bravo, charlie]) await system.perform({ kind: 'quarantine-tenant', tenantId, reason: 'x' });
    for (const tenantId of [bravo, charlie]) await system.catalog.placements.retireAll(tenantId);
    expect((await prove()).verdict).toBe('no-pairs');
  });

  it('keeps red what it cannot try again, until it was tried and refused', async () => {
    system.prober.holes.set('alpha>bravo', ['select']);
    await prove();
    await system.perform({ kind: 'suspend-tenant', tenantId: alpha, reason: 'unpaid' });
    for (let times = 0; times < 2; times += 1) {
      const { verdict, others } = await prove();
      expect(verdict).toBe('broken');
      expect(others.find(({ verdict: one }) => one === 'reached')?.because).toBe(
        'alpha can select at bravo. An earlier proof found it, and it was not tried since: alpha is suspended: its logins are closed.',
      );
    }
    await system.perform({ kind: 'resume-tenant', tenantId: alpha });
    system.prober.holes.clear();
    expect((await prove()).verdict).toBe('isolated');
  });

  it('is begun anew by another worker when one has to stop in it', async () => {
    const { proofs } = system.catalog;
    await proofs.request({ id: 'p', clusterId: 'shared-1', requestedBy: 'test' });
    const stop = new AbortController();
    system.prober.before = async () => {
      if (system.prober.tried.length > 0) stop.abort();
    };
    await system.prover().work(stop.signal);
    expect(await proofs.newestOf('shared-1')).toMatchObject({ state: 'running', report: null });
    system.prober.before = async () => undefined;
    await system.prover().work(new AbortController().signal);
    expect(await proofs.newestOf('shared-1')).toMatchObject({ id: 'p', state: 'ended', verdict: 'isolated' });
  });

  it('is asked for by the clock: of shared clusters with two tenants, when the last one is old', async () => {
    const { proofs } = system.catalog;
    await system.addCluster('empty');
    const prover = system.prover(24 * hourMs);
    await system.prover(0).requestDue();
    expect(await proofs.newestOf('shared-1')).toBeNull();
    await prover.requestDue();
    const first = await proofs.newestOf('shared-1');
    expect(first).toMatchObject({ state: 'waiting', requestedBy: 'schedule' });
    expect(await proofs.newestOf('empty')).toBeNull();
    await prover.work(new AbortController().signal);
    system.clockOffsetMs += 23 * hourMs;
    await prover.requestDue();
    expect((await proofs.newestOf('shared-1'))?.id).toBe(first?.id);
    system.clockOffsetMs += 2 * hourMs;
    await prover.requestDue();
    expect((await proofs.newestOf('shared-1'))?.id).not.toBe(first?.id);
  });
});

describe('a cluster that does not keep its tenants apart', () => {
  it('takes no tenant until a proof is green again; with another one at hand that one is taken', async () => {
    system.prober.holes.set('alpha>bravo', ['select']);
    await prove();
    await expect(newcomer('delta')).rejects.toMatchObject({ code: 'no-cluster-fits' });
    await expect(newcomer('delta', 'shared-1')).rejects.toMatchObject({
      code: 'isolation-broken',
      hint: expect.stringContaining('berth prove isolation shared-1 --show'),
    });
    await system.addCluster('shared-2');
    expect((await newcomer('delta')).decision).toMatchObject({ chosen: 'shared-2' });
    // Nobody is kept there: out is where a tenant should go.
    const move = { kind: 'move-tenant', tenantId: alpha, strategy: 'dump', switchMode: 'auto' } as const;
    expect(await system.perform({ ...move, target: { tier: 'shared' } })).toMatchObject({ state: 'succeeded' });
    const { tenantId } = await system.readyTenant('echo', { clusterId: 'shared-2' });
    const there = { ...move, tenantId, target: { tier: 'shared', clusterId: 'shared-1' } } as const;
    await expect(system.desk.plan(there)).rejects.toMatchObject({ code: 'isolation-broken' });
    system.prober.holes.clear();
    await prove();
    expect((await newcomer('delta', 'shared-1')).decision).toMatchObject({ chosen: 'shared-1' });
  });
});

describe('choosing pairs', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => parseTenantId(`tenant-${String(index)}`));

  it('takes all of fifty tenants', () => {
    const { pairs, allPairs, sample } = choosePairs(ids(50), ids(50), { seed: 'a' });
    expect([pairs, allPairs, sample]).toEqual([2_450, 2_450, null]);
  });

  it.each([51, 400, 3_000])('of %i takes each as often to try as to be tried, others with each seed', (count) => {
    const all = ids(count);
    const chosen = choosePairs(all, all, { seed: 'a' });
    const each = Math.max(1, Math.floor(2_450 / count));
    expect(chosen).toMatchObject({ pairs: each * count, allPairs: count * (count - 1) });
    expect(chosen.sample).toContain(`${String(each * count)} of ${String(count * (count - 1))} pairs`);
    expect(chosen.targets.size).toBe(count);
    const tried = [...chosen.targets].flatMap(([from, to]) => to.map((one) => ({ from, one })));
    expect(tried.some(({ from, one }) => from === one)).toBe(false);
    expect(new Set(tried.map(({ one }) => one)).size).toBe(count);
    expect([...choosePairs(all, all, { seed: 'b' }).targets.values()]).not.toEqual([...chosen.targets.values()]);
  });

  it('has in it what has to be tried', () => {
    const all = ids(500);
    const must = [{ from: all[3]!, to: all[77]! }];
    for (const seed of ['a', 'b', 'c'])
      expect(choosePairs(all, all, { seed, must }).targets.get(all[3]!)).toContain(all[77]);
  });
});
