export { CatalogModule } from './catalog.module.js';
export type { CatalogOptions } from './catalog-database.js';
export { openCatalog, type CatalogParts, type OpenCatalog } from './open-catalog.js';
