export { whenAvailable, type TestPart } from './when-available.js';
