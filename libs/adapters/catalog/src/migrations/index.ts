import { FirstCatalog20261121000000 } from './20261121000000-first-catalog.js';
import { ClientReports20261126100000 } from './20261126100000-client-reports.js';

/** All migrations, oldest first. One that was released is never changed: a new one follows it. */
export const migrations = [FirstCatalog20261121000000, ClientReports20261126100000] as const;
