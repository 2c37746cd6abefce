export { whenAvailable, type TestPart } from './when-available.js';
export * from './postgres-server.js';
export * from './fakes/fake-secret-store.js';
export * from './contracts/secret-store.contract.js';
export * from './fakes/fake-infrastructure.js';
export * from './contracts/infrastructure.contract.js';
export * from './child-script.js';
