import type { ClientReport, Move, TenantId } from '@berth/domain';
import { Counter, Registry } from 'prom-client';
import { tellClients } from './client-metrics.js';

const reports = (...generations: readonly number[]): readonly ClientReport[] =>
  generations.map((generation, index) => ({
    ...{ client: `web-${String(index + 1)}`, username: 'x', generation, readyFor: null },
    ...{ firstSeenAt: new Date(), lastSeenAt: new Date() },
  }));

describe('metrics of what clients report', () => {
  let registry: Registry;
  let moving: readonly string[];
  let live: (tenantId: TenantId) => Promise<readonly ClientReport[]>;
  beforeEach(() => {
    [registry, moving] = [new Registry(), ['acme']];
    const unread = new Counter({ name: 'unread', help: 'x', labelNames: ['metric'] as const, registers: [registry] });
    const list = async () => ({ items: moving.map((tenantId) => ({ tenantId }) as Move), next: null });
    tellClients(registry, unread, { moves: { list }, clients: { live: (tenantId) => live(tenantId) } });
  });
  const lines = async () =>
    (await registry.metrics()).split('\n').filter((line) => /^(tenant_placement_generation|unread)\{/.test(line));

  it('tell the generation that each client uses, and forget who ended', async () => {
    moving = ['acme', 'bolt', 'acme'];
    live = (tenantId) => Promise.resolve(tenantId === 'acme' ? reports(2, 1) : reports());
    expect(await lines()).toEqual([
      'tenant_placement_generation{tenant="acme",client="web-1"} 2',
      'tenant_placement_generation{tenant="acme",client="web-2"} 1',
    ]);
    live = () => Promise.resolve(reports(2));
    moving = ['acme'];
    expect(await lines()).toEqual(['tenant_placement_generation{tenant="acme",client="web-1"} 2']);
  });

  it('count what could not be read, and show no old number', async () => {
    live = () => Promise.resolve(reports(2));
    await lines();
    live = () => Promise.reject(new Error('away'));
    await lines();
    // It is printed beside what is read meanwhile.
    expect(await lines()).toEqual(['unread{metric="tenant_placement_generation"} 1']);
  });
});
