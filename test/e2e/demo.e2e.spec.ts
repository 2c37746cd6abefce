import { BerthHome, postgresMajors, whenAvailable } from '@berth/testing';

interface DemoResult {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
  readonly times: Readonly<Record<string, number>>;
  readonly strategy: 'online' | 'dump';
  readonly rowsCompared: number;
  readonly rowsLoaded: number;
  readonly ledger: { readonly lost: number; readonly doubled: number };
  readonly writer: { readonly acknowledged: number; readonly longestPauseMs: unknown };
  readonly tenants: readonly { readonly id: string; readonly placement: { readonly tier: string } }[];
}

function expectWhole(result: DemoResult): void {
  const failed = Object.entries(result.checks).filter(([, passed]) => !passed);
  expect(failed).toEqual([]);
  expect(result.ok).toBe(true);
  expect(result.rowsLoaded).toBeGreaterThan(10_000);
  expect(result.rowsCompared).toBeGreaterThanOrEqual(result.rowsLoaded);
  expect(result.ledger).toEqual({ lost: 0, doubled: 0 });
  expect(result.writer.acknowledged).toBeGreaterThanOrEqual(200);
  // In ms, of the writer's own clock: it waits some ms between two writes, and far less than the whole demo takes.
  const { longestPauseMs } = result.writer;
  expect(typeof longestPauseMs).toBe('number');
  expect(longestPauseMs).toBeGreaterThanOrEqual(5);
  expect(longestPauseMs).toBeLessThan(60_000);
  expect(result.times['writerPauseMs']).toBe(longestPauseMs);
  expect(result.times['moveMs']).toBeGreaterThan(0);
  expect(result.tenants.map(({ placement }) => placement.tier)).toEqual(['dedicated', 'shared', 'shared']);
}

const newest = (await postgresMajors()).filter(({ major }) => major >= 16).at(-1);
const missing = newest === undefined ? '16 or newer is not here (BERTH_TEST_PG_BINS names bin folders)' : undefined;

whenAvailable({ name: 'PostgreSQL 16 or newer', missing }, 'berth demo on a PostgreSQL that streams', () => {
  let home: BerthHome;

  beforeAll(async () => {
    home = await BerthHome.create({ BERTH_PG_BIN: newest?.bin ?? '' });
  });

  afterAll(async () => {
    await home.remove();
  });

  it('moves online, there, back and there again, and every check holds', async () => {
    const result = await home.json<DemoResult>(['demo']);
    expectWhole(result);
    expect(result.strategy).toBe('online');
    expect(Object.keys(result.checks)).toHaveLength(15);
  });
});

// Whatever PostgreSQL is found first: the usual one is 15.
describe('berth demo', () => {
  let home: BerthHome;

  beforeAll(async () => {
    home = await BerthHome.create();
  });

  afterAll(async () => {
    await home.remove();
  });

  it.each(['the first', 'the second'])('tells the whole story, %s time, and every check holds', async () => {
    const result = await home.json<DemoResult>(['demo']);
    expectWhole(result);
    expect(result.strategy).toBe('online');
    expect(Object.keys(result.checks)).toHaveLength(15);
  });

  it('left all of it running, and its own servers are started again after a stop', async () => {
    expect((await home.run(['status'])).code).toBe(0);
    expect((await home.run(['down'])).code).toBe(0);
    expect(await home.processes()).toEqual([]);
    await home.up();
    const { parts } = await home.json<{ readonly parts: readonly { readonly kind: string; readonly state: string }[] }>(
      ['status'],
    );
    const instances = parts.filter(({ kind }) => kind === 'instance');
    expect(instances.map(({ state }) => state)).toEqual(['running', 'running']);
  });
});
