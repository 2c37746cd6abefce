import { describeJobQueueContract, startPostgres, type TestPostgres } from '@berth/testing';
import { BullmqJobQueue, type JobQueueOptions } from './bullmq-job-queue.js';

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  await server.stop();
});

async function subject(options: JobQueueOptions) {
  const queue = new BullmqJobQueue(options);
  const other = new BullmqJobQueue(options);
  const close = async (): Promise<void> => {
    await Promise.all([queue.close(), other.close()]);
  };
  return { queue, other, close };
}

describeJobQueueContract('on PostgreSQL', async () =>
  subject({ postgresUrl: server.adminUrl(await server.createDatabase()) }),
);

describe('a queue whose PostgreSQL goes away', () => {
  let alone: TestPostgres;
  let queue: BullmqJobQueue;
  let postgresUrl: string;
  const troubles: Error[] = [];
  beforeEach(async () => {
    alone = await startPostgres();
    postgresUrl = alone.adminUrl(await alone.createDatabase());
    queue = new BullmqJobQueue({ postgresUrl, onError: (error) => troubles.push(error) });
  });
  afterEach(async () => {
    await queue.close();
    await alone.stop();
  });
  const isRefused = async (): Promise<boolean> =>
    queue.enqueue('op-2').then(
      () => false,
      (error: unknown) => (error as { code?: unknown }).code === 'queue-unavailable',
    );

  it('says so, and works again when the server is back', async () => {
    const handled = new Set<string>();
    await queue.work(
      async (id) => {
        handled.add(id);
      },
      { concurrency: 1 },
    );
    await queue.enqueue('op-1');
    await until(() => handled.has('op-1'));
    await alone.kill9();
    await until(isRefused);
    await alone.start();
    await until(async () => !(await isRefused()));
    await queue.enqueue('op-3');
    await until(() => handled.has('op-3'));
    expect(troubles.length).toBeGreaterThan(0);
    expect(troubles.every((error) => !String(error.message).includes(alone.admin.password))).toBe(true);
  });

  it('begins though the server was not there at first', async () => {
    await alone.halt();
    await expect(queue.enqueue('op-1')).rejects.toMatchObject({ code: 'queue-unavailable', retry: 'backoff' });
    await alone.start();
    await queue.enqueue('op-1');
    expect(await queue.depth()).toMatchObject({ waiting: 1 });
  });
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
