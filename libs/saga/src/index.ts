export * from './failpoints.js';
export * from './journal.js';
export * from './reported-error.js';
export * from './runner-options.js';
export * from './runner.js';
export * from './saga.js';
export * from './step.js';
