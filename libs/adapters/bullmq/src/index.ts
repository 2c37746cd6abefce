export { BullmqJobQueue, type JobQueueOptions, type QueueHome } from './bullmq-job-queue.js';
