import { BerthError } from '@berth/domain';
import { step } from '@berth/saga';
import { actorOf, type Tools } from '../tools.js';
import type { ProvisionTenant } from './provision-tenant.input.js';

export const applyMigrations = step<ProvisionTenant, Pick<Tools, 'ledger' | 'migrations'>>()({
  name: 'apply-migrations',
  describe: ({ place }) => `Run the product's migrations in ${place.schema}, as its owner.`,

  async run(context) {
    const { input, tools, signal, reportProgress } = context;
    const total = (await tools.migrations.available()).length;
    let count = 0;
    try {
      const applied = await tools.migrations.apply(input.place, actorOf(context), {
        signal,
        onApplied: ({ version }) => {
          count += 1;
          reportProgress({ text: version, done: count, total, unit: 'steps' });
        },
      });
      await recordApplied(context);
      return { done: { migrations: applied.length } };
    } catch (error) {
      if (error instanceof BerthError && error.code === 'migration-failed') {
        await recordApplied(context);
        await tools.ledger.recordFailure(input.tenantId, String(error.details['version']), error.message);
      }
      throw error;
    }
  },

  nothingToUndo: 'what the migrations made goes with the schema',
});

/** What the schema itself says: an earlier try may have applied some and never come to write them down. */
async function recordApplied({
  input,
  tools,
}: {
  readonly input: ProvisionTenant;
  readonly tools: Pick<Tools, 'ledger' | 'migrations'>;
}): Promise<void> {
  await tools.ledger.record(input.tenantId, await tools.migrations.applied(input.place));
}
