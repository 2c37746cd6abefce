export { OperationsProcessor } from './operations.processor.js';
export { classifyError, createSagaRunner } from './saga-runner.js';
export { Schedules, type SchedulePorts } from './schedules.js';
export { schedulesOf, startWorker, type RunningWorker } from './worker.js';
