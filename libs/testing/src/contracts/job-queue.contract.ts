import type { JobQueue } from '@berth/ports';

export interface JobQueueSubject {
  readonly queue: JobQueue;
  /** The same queue as another process sees it. The same object where there is but one. */
  readonly other: JobQueue;
  readonly close: () => Promise<void>;
}

/** What every queue does. A subject is an empty queue. */
export function describeJobQueueContract(name: string, makeSubject: () => Promise<JobQueueSubject>): void {
  describe(`the job queue ${name}`, () => {
    let subject: JobQueueSubject;
    let handled: Recorder;

    beforeEach(async () => {
      subject = await makeSubject();
      handled = new Recorder();
    });
    afterEach(async () => {
      await subject.close();
    });
    const nothing = { waiting: 0, active: 0, delayed: 0 };

    it('brings an operation to a worker within a moment', async () => {
      await subject.other.work(handled.handle, { concurrency: 1 });
      await subject.queue.enqueue('warm-up');
      await handled.seen(1);
      const began = performance.now();
      await subject.queue.enqueue('op-1');
      await handled.seen(2);
      expect(handled.ids).toEqual(['warm-up', 'op-1']);
      // Some ms; a second would mean that it is found by asking again and again.
      expect(performance.now() - began).toBeLessThan(900);
    });

    it('brings what was queued before a worker came', async () => {
      await subject.queue.enqueue('op-1');
      await subject.queue.enqueue('op-2');
      expect(await subject.queue.depth()).toMatchObject({ waiting: 2, active: 0 });
      await subject.other.work(handled.handle, { concurrency: 1 });
      await handled.seen(2);
      expect([...handled.ids].sort()).toEqual(['op-1', 'op-2']);
    });

    it('waits as long as it was told, also while the worker is idle, and no polling time longer', async () => {
      await subject.other.work(handled.handle, { concurrency: 1 });
      await subject.queue.enqueue('warm-up');
      await handled.seen(1);
      const began = performance.now();
      await subject.queue.enqueue('op-1', { delayMs: 300 });
      expect(await subject.queue.depth()).toMatchObject({ delayed: 1 });
      await handled.seen(2);
      const waited = performance.now() - began;
      expect(waited).toBeGreaterThanOrEqual(295);
      expect(waited).toBeLessThan(1_500);
    });

    it('keeps one job for an operation, however often somebody asks before it is taken', async () => {
      for (let ask = 0; ask < 5; ask += 1) await subject.queue.enqueue('op-1');
      expect(await subject.queue.depth()).toMatchObject({ waiting: 1 });
    });

    it('does not lose what is asked while the operation is being handled', async () => {
      const gate = handled.closeGate();
      await subject.other.work(handled.handle, { concurrency: 4 });
      await subject.queue.enqueue('op-1');
      await handled.seen(1);
      await subject.queue.enqueue('op-1');
      await subject.queue.enqueue('op-1', { delayMs: 50 });
      gate.open();
      await handled.seen(3);
    });

    it('asks at once though the operation is queued for later', async () => {
      await subject.other.work(handled.handle, { concurrency: 1 });
      await subject.queue.enqueue('op-1', { delayMs: 60_000 });
      await subject.queue.enqueue('op-1');
      await handled.seen(1);
      expect(await subject.queue.depth()).toMatchObject({ delayed: 1 });
    });

    it('runs as many at once as the worker may', async () => {
      const gate = handled.closeGate();
      await subject.other.work(handled.handle, { concurrency: 2 });
      for (const id of ['op-1', 'op-2', 'op-3']) await subject.queue.enqueue(id);
      await handled.seen(2);
      expect(await subject.queue.depth()).toMatchObject({ active: 2, waiting: 1 });
      gate.open();
      await handled.seen(3);
    });

    it('leaves no trace of what was handled, even if the handler threw', async () => {
      await subject.other.work(
        async (id) => {
          await handled.handle(id);
          throw new Error('It broke.');
        },
        { concurrency: 1 },
      );
      await subject.queue.enqueue('op-1');
      await subject.queue.enqueue('op-2');
      await handled.seen(2);
      await until(async () => JSON.stringify(await subject.queue.depth()) === JSON.stringify(nothing));
      await subject.queue.enqueue('op-1');
      await handled.seen(3);
    });

    it('waits for what runs when it closes, and takes nothing more', async () => {
      const gate = handled.closeGate();
      await subject.other.work(handled.handle, { concurrency: 1 });
      await subject.queue.enqueue('op-1');
      await handled.seen(1);
      let closed = false;
      const closing = subject.other.close().then(() => {
        closed = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect([closed, handled.ended]).toEqual([false, 0]);
      gate.open();
      await closing;
      expect(handled.ended).toBe(1);
      await expect(subject.other.enqueue('op-2')).rejects.toMatchObject({ code: 'queue-unavailable' });
    });
  });
}

/** Records what was handled, and lets a test await it. */
class Recorder {
  readonly ids: string[] = [];
  ended = 0;
  #gate: Promise<void> = Promise.resolve();
  readonly #watchers: (() => void)[] = [];

  readonly handle = async (operationId: string): Promise<void> => {
    this.ids.push(operationId);
    for (const watcher of this.#watchers.splice(0)) watcher();
    await this.#gate;
    this.ended += 1;
  };

  /** From now on handlers begin and do not end. */
  closeGate(): { readonly open: () => void } {
    let open: () => void = () => undefined;
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return { open };
  }

  async seen(count: number): Promise<void> {
    while (this.ids.length < count) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
