export { CatalogModule, FencedCatalogs } from './catalog.module.js';
export type { CatalogOptions } from './catalog-database.js';
export { openCatalog, type CatalogParts, type FencedCatalog, type OpenCatalog } from './open-catalog.js';
