import { type Cluster, decisionSentence } from '@berth/domain';
import { chooseCluster, decideCluster } from './choose-cluster.js';

const cluster = (id: string, change: Partial<Cluster> = {}): Cluster => ({
  id,
  tier: 'shared',
  state: 'active',
  host: '127.0.0.1',
  port: 5432,
  sslMode: 'disable',
  ca: null,
  database: 'tenants',
  postgresMajor: 15,
  labels: {},
  maxTenants: null,
  maxOperations: 4,
  managed: false,
  version: 1,
  createdAt: new Date(0),
  ...change,
});
const broken: ReadonlySet<string> = new Set(['leaky']);
const wanted = { tier: 'shared', constraints: { labels: {} }, broken } as const;

describe('choosing a cluster', () => {
  it('takes the one with the fewest tenants, and of equals the first by id', () => {
    const clusters = [cluster('c'), cluster('b'), cluster('a')];
    expect(chooseCluster(clusters, { a: 5, b: 2, c: 2 }, wanted).cluster.id).toBe('b');
  });

  it('keeps to labels, cordon, room, tier and version, and says which of them refused each cluster', () => {
    const clusters = [
      cluster('far', { labels: { region: 'us' } }),
      cluster('closed', { state: 'cordoned', labels: { region: 'eu' } }),
      cluster('full', { maxTenants: 2, labels: { region: 'eu' } }),
      cluster('new', { postgresMajor: 18, labels: { region: 'eu' } }),
      cluster('own', { tier: 'dedicated', labels: { region: 'eu' } }),
      cluster('leaky', { labels: { region: 'eu' } }),
      cluster('gone', { state: 'retired', labels: { region: 'eu' } }),
    ];
    const constraints = { labels: { region: 'eu' }, minPostgresMajor: 16 };
    const choice = chooseCluster(clusters, { full: 2 }, { ...wanted, constraints });
    expect(choice.cluster.id).toBe('new');
    expect(decisionSentence(choice.decision)).toBe(
      'new: the only one that fits. far breaks the constraint region=eu: it has us. closed is cordoned. full is full: 2 of 2 tenants. leaky does not keep its tenants apart, as its last proof of isolation shows.',
    );
    expect(choice.decision).toMatchObject({ tier: 'shared', constraints, askedFor: null, chosen: 'new' });
    expect(
      choice.decision.considered.map(({ clusterId, room, refusal }) => [clusterId, room, refusal?.code ?? null]),
    ).toEqual([
      ['far', null, 'constraint-broken'],
      ['closed', null, 'cluster-cordoned'],
      ['full', 0, 'cluster-full'],
      ['new', null, null],
      ['leaky', null, 'isolation-broken'],
    ]);
    expect(choice.decision.considered[0]?.refusal?.details).toEqual({ label: 'region', wanted: 'eu', found: 'us' });
  });

  it.each([
    ['nowhere', 'cluster-not-found'],
    ['closed', 'cluster-cordoned'],
    ['full', 'cluster-full'],
    ['own', 'constraint-broken'],
    ['leaky', 'isolation-broken'],
  ])('refuses %s, when it is asked for, with %s', (only, code) => {
    const clusters = [
      cluster('closed', { state: 'cordoned' }),
      cluster('full', { maxTenants: 0 }),
      cluster('own', { tier: 'dedicated' }),
      cluster('leaky'),
    ];
    expect(() => chooseCluster(clusters, {}, { ...wanted, only })).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('says why none fits', () => {
    expect(() => chooseCluster([cluster('a', { state: 'cordoned' })], {}, wanted)).toThrow(
      expect.objectContaining({
        code: 'no-cluster-fits',
        message: 'No shared cluster can take the tenant. a is cordoned.',
        details: { considered: [expect.objectContaining({ clusterId: 'a' })] },
      }) as Error,
    );
    expect(decideCluster([], {}, wanted)).toMatchObject({
      chosen: null,
      because: 'No shared cluster can take the tenant. There is no shared cluster.',
    });
  });
});
