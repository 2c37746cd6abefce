import { clientReportLifeMs, parseTenantId } from '@berth/domain';
import { beforeStep, fakeMoves, type FakeSystem, systemToMoveIn } from '@berth/testing';

const acme = parseTenantId('acme');
const { relocate } = fakeMoves;

describe('the announcement of the next place', () => {
  let system: FakeSystem;
  beforeEach(async () => {
    ({ system } = await systemToMoveIn());
  });

  const report = (client: string, readyFor?: number) =>
    system.catalog.clients.report(acme, {
      ...{ client, username: 'tenant_acme__a', generation: 1 },
      ...(readyFor !== undefined && { readyFor }),
    });
  const announced = () => system.catalog.announcements.live(acme);

  it('tells where the tenant is and goes, and nothing secret, while logins there are open and before anything is decided', async () => {
    const seen: unknown[] = [];
    const { id } = await system.desk.start(relocate, 'test');
    const look = async () => {
      const place = await system.catalog.placements.get(acme, 2);
      seen.push(...(await announced()), system.database.connect(place!, 'a') !== undefined);
    };
    expect(await system.runOn(id, { failpoints: beforeStep('switch-over', look) })).toMatchObject({
      state: 'succeeded',
    });
    const address = { host: '127.0.0.1', port: 5432, schema: 'tenant_acme', username: 'tenant_acme__a' };
    expect(seen).toMatchObject([
      { operationId: id, from: { ...address, generation: 1 }, to: { ...address, generation: 2 } },
      true,
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/password|url/);
    expect(await announced()).toEqual([]);
  });

  it('waits for each client that reports itself, and for nobody else', async () => {
    await report('web-1');
    await report('web-2');
    const { id } = await system.desk.start(relocate, 'test');
    const waits = { state: 'waiting', reason: expect.stringContaining('of 2 clients') as string };
    expect(await system.runOn(id)).toMatchObject(waits);
    await report('web-1', 2);
    system.clockOffsetMs += 1_000;
    expect(await system.runOn(id)).toMatchObject(waits);
    await report('web-2', 2);
    system.clockOffsetMs += 1_000;
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
  });

  it('waits for some seconds only: for who is gone, or makes no connection, the move is not held up', async () => {
    await report('web-1');
    const { id } = await system.desk.start(relocate, 'test');
    expect(await system.runOn(id)).toMatchObject({ state: 'waiting' });
    system.clockOffsetMs += 15_000;
    expect(system.clockOffsetMs).toBeLessThan(clientReportLifeMs);
    expect(await system.runOn(id)).toMatchObject({ state: 'succeeded' });
  });

  it('is withdrawn when the move is cancelled', async () => {
    await report('web-1');
    const { id } = await system.desk.start(relocate, 'test');
    expect(await system.runOn(id)).toMatchObject({ state: 'waiting' });
    expect(await announced()).toHaveLength(1);
    await system.desk.cancel(id);
    expect(await system.runOn(id)).toMatchObject({ state: 'cancelled' });
    expect(await announced()).toEqual([]);
  });

  it('is made for the way back too', async () => {
    const { id } = await system.perform(relocate);
    const seen: unknown[] = [];
    const reverse = await system.desk.start({ kind: 'reverse-move', moveId: id }, 'test');
    const look = async () => void seen.push(...(await announced()));
    await system.runOn(reverse.id, { failpoints: beforeStep('switch-over', look) });
    expect(seen).toMatchObject([{ operationId: reverse.id, from: { generation: 2 }, to: { generation: 3 } }]);
    expect(await announced()).toEqual([]);
  });
});
