export { BullmqJobQueue, type JobQueueOptions } from './bullmq-job-queue.js';
