import { BerthError } from '@berth/domain';
import type { AppliedMigration, Migration } from '@berth/ports';

/** What is available and not applied, in order. @throws BerthError `migration-changed` naming every applied one that differs now */
export function pendingOf<M extends Migration>(
  available: readonly M[],
  applied: readonly AppliedMigration[],
): readonly M[] {
  const known = new Map(applied.map(({ version, checksum }) => [version, checksum]));
  const changed = available.filter(({ version, checksum }) => known.has(version) && known.get(version) !== checksum);
  if (changed.length > 0) {
    const versions = changed.map(({ version }) => version);
    throw new BerthError('migration-changed', `Changed after it was applied: ${versions.join(', ')}.`, {
      hint: 'Restore the old content and put the change into a new migration.',
      details: { versions },
    });
  }
  return available.filter(({ version }) => !known.has(version));
}
