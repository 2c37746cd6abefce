import type { RequestCounter } from '@berth/ports';

export interface RequestCounterSubject {
  readonly counter: RequestCounter;
  /** The same counts as another process sees them; null: this counter shares nothing. */
  readonly other: RequestCounter | null;
  readonly windowMs: number;
  /** Lets the window pass. */
  readonly pass: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What every counter does. A subject has counted nothing. */
export function describeRequestCounterContract(name: string, makeSubject: () => Promise<RequestCounterSubject>): void {
  describe(`the request counter ${name}`, () => {
    let subject: RequestCounterSubject;
    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(async () => {
      await subject.close();
    });

    it('counts each caller alone, from one', async () => {
      const { counter } = subject;
      expect(await counter.look('key:a')).toEqual({ count: 0, windowEndsInMs: 0 });
      expect(await counter.add('key:a')).toMatchObject({ count: 1 });
      expect(await counter.add('key:a')).toMatchObject({ count: 2 });
      expect(await counter.add('address:::1')).toMatchObject({ count: 1 });
      expect(await counter.look('key:a')).toMatchObject({ count: 2 });
    });

    it('loses none of many at once', async () => {
      const { counter, other } = subject;
      const both = [counter, other ?? counter];
      await Promise.all(Array.from({ length: 60 }, (_, index) => both[index % 2]!.add('key:a')));
      for (const one of both) expect(await one.look('key:a')).toMatchObject({ count: 60 });
    });

    it('opens a window with the first request, lengthens it by none, and begins anew when it has passed', async () => {
      const { counter, windowMs } = subject;
      const first = await counter.add('key:a');
      expect(first.windowEndsInMs).toBeGreaterThan(windowMs * 0.8);
      expect(first.windowEndsInMs).toBeLessThanOrEqual(windowMs);
      await subject.pass(windowMs / 2);
      expect((await counter.add('key:a')).windowEndsInMs).toBeLessThanOrEqual(windowMs / 2);
      await subject.pass(windowMs / 2 + 20);
      expect(await counter.look('key:a')).toEqual({ count: 0, windowEndsInMs: 0 });
      expect(await counter.add('key:a')).toMatchObject({ count: 1 });
    });
  });
}
