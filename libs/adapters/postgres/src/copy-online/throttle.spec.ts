import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Throttle } from './throttle.js';

async function passed(
  throttle: Throttle,
  chunks: number,
  signal: AbortSignal,
): Promise<{ readonly ms: number; readonly bytes: number }> {
  const started = performance.now();
  let bytes = 0;
  const sink = new Writable({ write: (_chunk, _encoding, callback) => callback() });
  const source = Readable.from(Array.from({ length: chunks }, () => Buffer.alloc(1_000)));
  await pipeline(
    source,
    throttle.stream((some) => (bytes += some), signal),
    sink,
  );
  return { ms: performance.now() - started, bytes };
}

describe('a throttle', () => {
  const { signal } = new AbortController();

  it('lets no more through than allowed, all streams together', async () => {
    const throttle = new Throttle(100_000);
    const both = await Promise.all([passed(throttle, 25, signal), passed(throttle, 25, signal)]);
    // 50 kB at 100 kB a second, of which a fifth of a second's worth may go at once.
    expect(Math.max(...both.map(({ ms }) => ms))).toBeGreaterThan(280);
    expect(both.map(({ bytes }) => bytes)).toEqual([25_000, 25_000]);
  });

  it('waits no longer once it is stopped', async () => {
    const abort = new AbortController();
    const running = passed(new Throttle(1_000), 50, abort.signal);
    abort.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('lets nothing through at 0, and what waits goes on at another rate', async () => {
    const throttle = new Throttle(0);
    let bytes = 0;
    const sink = new Writable({ write: (_chunk, _encoding, callback) => callback() });
    const running = pipeline(
      Readable.from([Buffer.alloc(1_000), Buffer.alloc(1_000), Buffer.alloc(1_000)]),
      throttle.stream((some) => (bytes += some), signal),
      sink,
    );
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(bytes).toBe(1_000);
    throttle.bytesPerSecond = null;
    await running;
    expect(bytes).toBe(3_000);
  });

  it('lets nothing through while it is held, whatever the rate, and goes on at it', async () => {
    const throttle = new Throttle(null);
    throttle.held = true;
    let bytes = 0;
    const sink = new Writable({ write: (_chunk, _encoding, callback) => callback() });
    const running = pipeline(
      Readable.from([Buffer.alloc(1_000), Buffer.alloc(1_000)]),
      throttle.stream((some) => (bytes += some), signal),
      sink,
    );
    throttle.bytesPerSecond = 1_000_000;
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(bytes).toBe(1_000);
    throttle.held = false;
    await running;
    expect(bytes).toBe(2_000);
  });
});
