import { LeaseLost, type Lease } from '@berth/saga';
import type { DataSource, EntityManager } from 'typeorm';
import { CatalogDatabase, type Statements } from './catalog-database.js';

/** Held to the commit: a claim, which writes this row, waits until what the lease allowed is done. */
const stillHeld = /* sql */ `
  SELECT 1 FROM berth.operations WHERE id = $1 AND lease_fence = $2 AND state IN ('running', 'undoing') FOR SHARE
`;

/**
 * The catalog as one lease sees it: each change commits together with the proof that the lease is the newest. A worker that
 * was stopped past its lease and wakes in the middle of a step changes nothing. @throws LeaseLost
 */
export class FencedCatalogDatabase extends CatalogDatabase {
  constructor(
    source: DataSource,
    private readonly lease: Lease,
  ) {
    super(source);
  }

  override async rows<Row>(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    if (/^\s*SELECT\b/i.test(sql)) return await super.rows<Row>(sql, parameters);
    return await this.transaction((statements) => statements.rows<Row>(sql, parameters));
  }

  override async transaction<T>(work: (statements: Statements, manager: EntityManager) => Promise<T>): Promise<T> {
    return await super.transaction(async (statements, manager) => {
      const held = await statements.one(stillHeld, [this.lease.operationId, this.lease.fence]);
      if (held === null) throw new LeaseLost(this.lease);
      return await work(statements, manager);
    });
  }
}
