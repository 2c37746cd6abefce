export { MemoryRequestCounter } from './memory-request-counter.js';
export { SharedRequestCounter, type CounterRedis } from './shared-request-counter.js';
