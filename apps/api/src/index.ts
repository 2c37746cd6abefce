export { apiPorts } from './api-ports.js';
export { createApi, type Api } from './create-api.js';
export type { ApiSettings } from './api.module.js';
export { ApiMetrics } from './telemetry/metrics.js';
