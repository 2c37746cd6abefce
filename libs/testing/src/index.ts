export { whenAvailable, type TestPart } from './when-available.js';
export * from './postgres-server.js';
export * from './fakes/fake-secret-store.js';
export * from './contracts/secret-store.contract.js';
