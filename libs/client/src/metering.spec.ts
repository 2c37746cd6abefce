import { metrics } from '@opentelemetry/api';
import { type Meter, tellGenerations } from './metering.js';
import type { TenantEntry } from './tenant-entry.js';

it('tells the generation that is used of each tenant, by one name, until it ends', () => {
  let told: unknown[] = [];
  const callbacks = new Set<Parameters<ReturnType<Meter['createObservableGauge']>['addCallback']>[0]>();
  const meter: Meter = {
    createObservableGauge: (name, { description }) => {
      expect(name).toBe('tenant_placement_generation');
      expect(description).toMatch(/^Generation /);
      return {
        addCallback: (callback) => void callbacks.add(callback),
        removeCallback: (callback) => void callbacks.delete(callback),
      };
    },
  };
  // The compiler holds ours against OpenTelemetry's own.
  const theirs: Meter = metrics.getMeter('shop');
  const entries = new Map([
    ['acme', { generation: 2 } as TenantEntry],
    ['unread', { generation: 0 } as TenantEntry],
  ]);
  tellGenerations(theirs, entries)();
  const collect = (): unknown[] => {
    told = [];
    for (const callback of callbacks) callback({ observe: (...all) => void told.push(all) });
    return told;
  };
  const end = tellGenerations(meter, entries);
  expect(collect()).toEqual([[2, { 'berth.tenant.id': 'acme' }]]);
  entries.set('acme', { generation: 3 } as TenantEntry);
  expect(collect()).toEqual([[3, { 'berth.tenant.id': 'acme' }]]);
  end();
  expect(collect()).toEqual([]);
});
