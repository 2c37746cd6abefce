import { jest } from '@jest/globals';
import { createTenants, PlacementUnavailableError, type Tenants } from './index.js';

/** A mount that hangs, or a source of the product's own that forgets its signal: it never answers, whatever it is told. */
describe('a source of secrets that does not listen to its signal', () => {
  const read = jest.fn(() => new Promise<never>(() => undefined));
  let tenants: Tenants;
  beforeEach(() => {
    read.mockClear();
    jest.useFakeTimers();
    // Of the clock that AbortSignal.timeout goes by Jest has no fake.
    jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error('no answer in time')), ms);
      return controller.signal;
    });
    tenants = createTenants({ placement: { read }, waits: { reconnectMs: 25_000 } });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    jest.useRealTimers();
    await tenants.close();
  });

  it('is given up after ten seconds and asked again, until the patience of the call ends', async () => {
    const asked = tenants.query('acme', 'SELECT 1').catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(60_000);
    const told = await asked;
    expect(told).toBeInstanceOf(PlacementUnavailableError);
    expect((told as Error).message).toContain('cannot be read: no answer in time');
    expect(read.mock.calls.length).toBeGreaterThan(2);
  });

  it('keeps nobody who is called off', async () => {
    const caller = new AbortController();
    const asked = tenants.query('acme', 'SELECT 1', [], { signal: caller.signal }).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(100);
    caller.abort(new Error('the request was cancelled'));
    await jest.advanceTimersByTimeAsync(0);
    expect(await asked).toMatchObject({ message: 'the request was cancelled' });
  });
});
