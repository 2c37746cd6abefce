import { parseTenantId } from '@berth/domain';
import { FakeSystem } from '@berth/testing';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { StreamWatch } from './stream-watch.js';

const acme = parseTenantId('acme');
const gibibyte = 2 ** 30;

describe('what servers keep for moves that are open', () => {
  let system: FakeSystem;
  let metrics: Registry;
  let logged: { readonly msg: string; readonly clusterId: string }[];
  let watch: StreamWatch;
  let moveId: string;

  beforeEach(async () => {
    system = new FakeSystem();
    for (const id of ['shared-1', 'shared-2']) await system.addCluster(id);
    await system.readyTenant('acme', { clusterId: 'shared-1' });
    const target = { tier: 'shared', clusterId: 'shared-2' } as const;
    const move = { kind: 'move-tenant', tenantId: acme, target, strategy: 'online', switchMode: 'auto' } as const;
    ({ id: moveId } = await system.perform(move));
    [metrics, logged] = [new Registry(), []];
    const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line) as (typeof logged)[number]) });
    const { moves, operations, placements } = system.catalog;
    const { replication, lag } = system;
    watch = new StreamWatch({ moves, operations, placements, replication, lag }, metrics, log);
  });

  const gauge = async (name: string) =>
    (await metrics.getSingleMetric(name)?.get())?.values.map(({ labels, value }) => [labels['cluster'], value]);
  const retained = () => gauge('berth_stream_retained_bytes');

  it('is measured at both ends, until the move is completed', async () => {
    system.replication.retainedBytes = 5;
    await watch.look();
    expect(await retained()).toEqual([
      ['shared-1', 5],
      ['shared-2', 5],
    ]);
    expect(logged).toEqual([]);
    await system.perform({ kind: 'complete-move', moveId });
    await watch.look();
    expect(await retained()).toEqual([]);
  });

  it('is kept with the move as the lag of the old place, while no operation is at work', async () => {
    const noted = async () => (await system.catalog.moves.get(moveId))?.lag;
    const before = await noted();
    [system.replication.lagBytes, system.lag.ms] = [12, 400];
    const { id } = await system.desk.start({ kind: 'suspend-tenant', tenantId: acme, reason: 'late' }, 'test');
    await watch.look();
    expect(await noted()).toEqual(before);
    await system.runOn(id);
    await watch.look();
    expect(await noted()).toEqual({ bytes: 12, seconds: 0.4, retainedBytes: expect.any(Number), at: expect.any(Date) });
    system.lag.measure = () => Promise.reject(new Error('away'));
    await new Promise((resolve) => setTimeout(resolve, 2));
    await watch.look();
    expect(await noted()).toMatchObject({ bytes: 12, seconds: null });
  });

  it('is told when it becomes much, and when a server does not answer', async () => {
    system.replication.retainedBytes = 9 * gibibyte;
    await watch.look();
    expect(logged.map(({ clusterId }) => clusterId).sort()).toEqual(['shared-1', 'shared-2']);
    expect(logged[0]?.msg).toMatch(/keeps much of its log for an open move/);
    expect(await gauge('berth_stream_retained_ratio')).toEqual([
      ['shared-1', 9 / 16],
      ['shared-2', 9 / 16],
    ]);
    system.replication.state = () => Promise.reject(new Error('away'));
    await watch.look();
    expect(logged.at(-1)?.msg).toMatch(/does not answer/);
  });
});
