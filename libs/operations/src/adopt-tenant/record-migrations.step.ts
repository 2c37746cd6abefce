import { done, step } from '@berth/saga';
import { actorOf, type Tools } from '../tools.js';
import type { AdoptTenant } from './adopt-tenant.input.js';

export const recordMigrations = step<AdoptTenant, Pick<Tools, 'ledger' | 'migrations'>>()({
  name: 'record-migrations',
  describe: ({ migrated, place }) =>
    `Record, without running them, that ${place.schema} has the migrations up to ${migrated.at(-1)?.version ?? 'none'} (${String(migrated.length)}).`,

  async run(context) {
    const { input, tools } = context;
    await tools.migrations.markApplied(input.place, input.migrated, actorOf(context));
    await tools.ledger.record(input.tenantId, await tools.migrations.applied(input.place));
    return done;
  },

  nothingToUndo: 'the way back of take-schema drops the records, and the ledger of a tenant begins anew with it',
});
