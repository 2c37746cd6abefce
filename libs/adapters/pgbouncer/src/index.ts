export { PgBouncerTenantRouter } from './pgbouncer-tenant-router.js';
