export * from './cli-environment.js';
export * from './config.js';
