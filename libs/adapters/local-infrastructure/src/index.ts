export { LocalInfrastructure, type LocalInfrastructureOptions } from './local-infrastructure.js';
