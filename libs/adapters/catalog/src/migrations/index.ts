import { FirstCatalog20261121000000 } from './20261121000000-first-catalog.js';
import { Poolers20261126200000 } from './20261126200000-poolers.js';

/** All migrations, oldest first. One that was released is never changed: a new one follows it. */
export const migrations = [FirstCatalog20261121000000, Poolers20261126200000] as const;
