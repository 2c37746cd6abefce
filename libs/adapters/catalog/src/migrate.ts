import { advisoryLocks } from '@berth/domain';
import { type CatalogOptions, connect } from './catalog-database.js';
import { translateError } from './translate-error.js';

/**
 * Brings the catalog to its newest version. Safe in many processes at once: the first migrates, the others wait and find
 * nothing to do. The lock belongs to the session of one connection, taken and released there; a process that dies frees it.
 */
export async function migrateCatalog(options: CatalogOptions): Promise<void> {
  // To build an index of a big table takes as long as it takes, and so does waiting for somebody who builds one.
  const source = await connect({ ...options, answerMs: null });
  const runner = source.createQueryRunner();
  const lock = [...advisoryLocks.migrateCatalog];
  try {
    await runner.query('SELECT pg_advisory_lock($1, $2)', lock);
    try {
      await runner.query('CREATE SCHEMA IF NOT EXISTS berth');
      await source.runMigrations({ transaction: 'each' });
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1, $2)', lock);
    }
  } catch (error) {
    throw translateError(error);
  } finally {
    await runner.release();
    await source.destroy();
  }
}
