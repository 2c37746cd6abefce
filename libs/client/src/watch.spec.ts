import { jest } from '@jest/globals';
import type { BerthApi } from './placement/berth-api.js';
import type { TenantEntry } from './tenant-entry.js';
import { Watch } from './watch.js';

const minuteMs = 60_000;

/** As much of an entry as the watch looks at. */
function entryOf(tenantId: string) {
  return {
    tenantId,
    secret: { username: `${tenantId}__a`, generation: 1 },
    lastUsedAt: performance.now(),
    calls: 0,
    look: jest.fn(async () => ({ kind: 'same' as const })),
    drop: jest.fn(),
  };
}

describe('the watch', () => {
  let watch: Watch;
  const report = jest.fn(async () => undefined);
  const entries = new Map<string, TenantEntry>();

  beforeEach(() => {
    jest.useFakeTimers();
    report.mockClear();
    entries.clear();
    const api = { report } as unknown as BerthApi;
    watch = new Watch(entries, { pollMs: 10_000, api, client: 'web-1', onEvent: () => undefined });
  });
  afterEach(async () => {
    await watch.close();
    jest.useRealTimers();
  });

  const add = (tenantId: string) => {
    const entry = entryOf(tenantId);
    entries.set(tenantId, entry as unknown as TenantEntry);
    return entry;
  };

  it('looks each ten seconds or so, and reports once a minute and after each new login', async () => {
    const entry = add('acme');
    await jest.advanceTimersByTimeAsync(3 * minuteMs);
    expect(entry.look.mock.calls.length).toBeGreaterThan(12);
    expect(report.mock.calls.length).toBeGreaterThanOrEqual(3);
    expect(report.mock.calls.length).toBeLessThanOrEqual(4);
    const before = report.mock.calls.length;
    entry.secret = { username: 'acme__b', generation: 1 };
    await jest.advanceTimersByTimeAsync(13_000);
    expect(report.mock.calls.slice(before)).toMatchObject([
      ['acme', { client: 'web-1', username: 'acme__b', generation: 1 }, {}],
    ]);
  });

  it('reports for longer than a report lives, then forgets whom nobody asks for; who is at work is not forgotten', async () => {
    const [idle, busy] = [add('acme'), add('bolt')];
    busy.calls = 1;
    await jest.advanceTimersByTimeAsync(5 * minuteMs);
    expect(idle.drop).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(2 * minuteMs);
    expect(idle.drop).toHaveBeenCalledTimes(1);
    expect([...entries.keys()]).toEqual(['bolt']);
  });
});
