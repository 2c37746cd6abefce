import type { Migration } from '@berth/ports';
import type { ProvisionTenant } from '../provision-tenant/provision-tenant.input.js';

/** `place.schema` is the schema that is there already, and keeps its name. */
export interface AdoptTenant extends ProvisionTenant {
  readonly tier: 'shared';
  readonly instance: null;
  /** What the schema has already by the word of whoever asked; empty: nothing is recorded. */
  readonly migrated: readonly Migration[];
}
