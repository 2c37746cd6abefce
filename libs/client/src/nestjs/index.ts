export { Tenant, TenantsModule, type TenantOf, type TenantsModuleOptions } from './tenants.module.js';
export { Tenants } from '../tenants.js';
