import type { Move, Operation } from '@berth/domain';
import { Counter, Registry } from 'prom-client';
import { tellMoves } from './move-metrics.js';

const move = (number: number, change: Partial<Move> = {}): Move =>
  ({
    ...{
      id: `m-${number}`,
      tenantId: `t-${number}`,
      state: 'ready',
      comparison: null,
      reverseComparison: null,
      lag: null,
      maxRetainedBytes: null,
      switchedAt: null,
      reversedAt: null,
    },
    ...change,
  }) as Move;

describe('metrics of open moves', () => {
  let registry: Registry;
  let asked: number[];
  let list: () => Promise<readonly Move[]>;
  let atWork: readonly Operation[];
  beforeEach(() => {
    [registry, asked, list, atWork] = [new Registry(), [], () => Promise.resolve([]), []];
    const unread = new Counter({ name: 'unread', help: 'x', labelNames: ['metric'] as const, registers: [registry] });
    tellMoves(registry, unread, {
      moves: {
        list: async ({ open }, { limit }) => {
          if (open === true) asked.push(limit);
          return { items: await list(), next: null };
        },
      },
      operations: { openOf: () => Promise.resolve(atWork) },
    });
  });
  const series = async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('berth_move_'));

  it('tell what is known of each, and nothing of what is not', async () => {
    const lag = { bytes: 12, seconds: 0.4, retainedBytes: 600, at: new Date() };
    const comparison = { equal: true, comparedAt: new Date(Date.now() - 60_000).toISOString() } as Move['comparison'];
    list = () =>
      Promise.resolve([
        move(2, { lag: { ...lag, seconds: null } }),
        move(1, { lag, comparison, maxRetainedBytes: 1_000 }),
      ]);
    expect(await series()).toEqual([
      'berth_move_lag_bytes{tenant="t-2",move="m-2"} 12',
      'berth_move_lag_bytes{tenant="t-1",move="m-1"} 12',
      'berth_move_lag_seconds{tenant="t-1",move="m-1"} 0.4',
      'berth_move_retained_bytes{tenant="t-1",move="m-1"} 600',
      'berth_move_retained_ratio{tenant="t-1",move="m-1"} 0.6',
      expect.stringMatching(/^berth_move_verification_age_seconds\{tenant="t-1",move="m-1"\} 6\d$/),
    ]);
  });

  it('count what the step under way has done', async () => {
    const progress = {
      ...{ text: 'copying', done: 12, total: 40, unit: 'bytes' },
      also: [{ done: 31, total: null, unit: 'tables' }],
    };
    const steps = [{ name: 'copy-rows', state: 'started', progress }];
    atWork = [{ tenantId: 't-1', kind: 'move-tenant', state: 'running', steps } as unknown as Operation];
    list = () => Promise.resolve([move(1)]);
    expect(await series()).toEqual([
      'berth_move_tables_done{tenant="t-1",move="m-1"} 31',
      'berth_move_bytes_done{tenant="t-1",move="m-1"} 12',
      'berth_move_bytes_total{tenant="t-1",move="m-1"} 40',
    ]);
  });

  it('read the newest hundred once a scrape, and forget those that have ended', async () => {
    list = () => Promise.resolve([move(1, { lag: { bytes: 1, seconds: null, retainedBytes: 1, at: new Date() } })]);
    expect(await series()).toHaveLength(1);
    list = () => Promise.resolve([]);
    expect(await series()).toEqual([]);
    expect(asked).toEqual([100, 100]);
  });

  it('count what could not be read, and show no old number', async () => {
    list = () => Promise.resolve([move(1, { lag: { bytes: 1, seconds: null, retainedBytes: 1, at: new Date() } })]);
    await series();
    list = () => Promise.reject(new Error('away'));
    const text = await registry.metrics();
    expect(text).not.toMatch(/^berth_move_\w+\{/m);
    expect(await registry.metrics()).toContain('unread{metric="berth_move_lag_bytes"}');
  });
});
