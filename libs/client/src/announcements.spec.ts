import { jest } from '@jest/globals';
import { Announcements } from './announcements.js';
import type { AnnouncedPlace } from './placement/announced-place.js';
import type { TenantEntry } from './tenant-entry.js';
import type { TenantEvent } from './tenant-event.js';

const address = { host: 'db', port: 5432, database: 'tenants', schema: 'tenant_acme', username: 'a' } as const;
const place: AnnouncedPlace = {
  tenantId: 'acme',
  from: { ...address, sslmode: 'disable', generation: 1 },
  to: { ...address, host: 'other', sslmode: 'disable', generation: 2 },
};

/** As much of an entry as is asked of it. */
const entryOf = (tenantId: string) => ({
  tenantId,
  readyFor: null as number | null,
  look: jest.fn(async () => ({ kind: 'same' as const })),
  prepare: jest.fn(async function (this: { readyFor: number | null }, announced: AnnouncedPlace | null) {
    this.readyFor = announced?.to.generation ?? null;
    return announced === null ? 0 : 3;
  }),
});

describe('announcements', () => {
  let announcements: Announcements;
  let told: readonly AnnouncedPlace[] | Error = [];
  const entries = new Map<string, TenantEntry>();
  const events: TenantEvent[] = [];
  const read = jest.fn(async () => {
    if (told instanceof Error) throw told;
    return told;
  });
  const onReady = jest.fn();

  beforeEach(() => {
    jest.useFakeTimers();
    [told, events.length] = [[], 0];
    for (const mock of [read, onReady]) mock.mockClear();
    entries.clear();
    announcements = new Announcements(entries, {
      read,
      everyMs: 5_000,
      onReady,
      onEvent: (event) => events.push(event),
    });
  });
  afterEach(() => {
    announcements.close();
    jest.useRealTimers();
  });
  const add = (tenantId: string) => {
    const entry = entryOf(tenantId);
    entries.set(tenantId, entry as unknown as TenantEntry);
    return entry;
  };

  it('are one question for all tenants, and none where no tenant is in use', async () => {
    await jest.advanceTimersByTimeAsync(60_000);
    expect(read).not.toHaveBeenCalled();
    const [acme, bolt] = [add('acme'), add('bolt')];
    told = [place];
    await jest.advanceTimersByTimeAsync(60_000);
    expect(read.mock.calls.length).toBeGreaterThanOrEqual(9);
    expect(read.mock.calls.length).toBeLessThanOrEqual(17);
    expect(acme.prepare).toHaveBeenLastCalledWith(place);
    expect(bolt.prepare).toHaveBeenLastCalledWith(null);
    expect(onReady.mock.calls).toEqual([[acme]]);
    expect(events).toEqual([{ type: 'prepared', tenantId: 'acme', generation: 2, connections: 3 }]);
  });

  it('that are gone make it look for a new secret before anything is closed', async () => {
    const entry = add('acme');
    told = [place];
    await jest.advanceTimersByTimeAsync(7_000);
    const order: string[] = [];
    entry.look.mockImplementation(async () => {
      order.push('look');
      return { kind: 'same' };
    });
    entry.prepare.mockImplementation(async (announced) => {
      order.push(announced === null ? 'close' : 'open');
      entry.readyFor = announced?.to.generation ?? null;
      return 0;
    });
    told = [];
    await jest.advanceTimersByTimeAsync(7_000);
    expect(order.slice(0, 2)).toEqual(['look', 'close']);
    expect(entry.look).toHaveBeenCalledTimes(1);
  });

  it('are believed for half a minute while nobody answers, which is told once', async () => {
    const entry = add('acme');
    told = [place];
    await jest.advanceTimersByTimeAsync(7_000);
    told = new Error('away');
    await jest.advanceTimersByTimeAsync(20_000);
    expect(entry.prepare).not.toHaveBeenCalledWith(null);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(entry.prepare).toHaveBeenCalledWith(null);
    expect(events.filter(({ type }) => type === 'announcements-failed')).toEqual([
      { type: 'announcements-failed', cause: told },
    ]);
  });
});
