import { FirstCatalog20261121000000 } from './20261121000000-first-catalog.js';

/** All migrations, oldest first. One that was released is never changed: a new one follows it. */
export const migrations = [FirstCatalog20261121000000] as const;
