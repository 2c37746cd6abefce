import { describeJobQueueContract } from '../contracts/job-queue.contract.js';
import { FakeJobQueue } from './fake-job-queue.js';

describeJobQueueContract('in memory', async () => {
  const queue = new FakeJobQueue();
  return { queue, other: queue, close: () => queue.close() };
});
