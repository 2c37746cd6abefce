import { isDeepStrictEqual } from 'node:util';
import { type AppliedMigration, type Migration, MigrationLedger } from '@berth/ports';
import type { CatalogMemory } from './catalog-memory.js';

export class InMemoryMigrationLedger extends MigrationLedger {
  constructor(private readonly memory: CatalogMemory) {
    super();
  }

  async record(tenantId: string, applied: readonly AppliedMigration[]): Promise<void> {
    const all = new Map([...this.#applied(tenantId), ...applied].map((migration) => [migration.version, migration]));
    this.memory.ledger.set(tenantId, { applied: sorted([...all.values()]), failure: null });
  }

  async recordFailure(tenantId: string, version: string, message: string): Promise<void> {
    const failure = { version, message, at: this.memory.now() };
    this.memory.ledger.set(tenantId, { applied: this.#applied(tenantId), failure });
  }

  async of(tenantId: string): ReturnType<MigrationLedger['of']> {
    return this.memory.ledger.get(tenantId) ?? { applied: [], failure: null };
  }

  async behind(migrations: readonly Migration[], limit: number): Promise<readonly string[]> {
    const wanted = factsOf(migrations);
    return [...this.memory.tenants.values()]
      .filter(({ state }) => state === 'ready' || state === 'suspended')
      .map(({ id }) => id)
      .filter((id) => !isDeepStrictEqual(factsOf(this.#applied(id)), wanted))
      .sort()
      .slice(0, limit);
  }

  #applied(tenantId: string): readonly AppliedMigration[] {
    return this.memory.ledger.get(tenantId)?.applied ?? [];
  }
}

function sorted<T extends Migration>(migrations: readonly T[]): readonly T[] {
  return [...migrations].sort((left, right) => (left.version < right.version ? -1 : 1));
}

function factsOf(migrations: readonly Migration[]): readonly (readonly string[])[] {
  return sorted(migrations).map(({ version, checksum }) => [version, checksum]);
}
