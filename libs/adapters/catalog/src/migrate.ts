import { advisoryLocks } from '@berth/domain';
import type { DataSource } from 'typeorm';
import { translateError } from './translate-error.js';

/**
 * Brings the catalog to its newest version. Safe in many processes at once: the first migrates, the others wait and find
 * nothing to do. The lock belongs to the session of one connection, taken and released there; a process that dies frees it.
 */
export async function migrateCatalog(source: DataSource): Promise<void> {
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
  }
}
