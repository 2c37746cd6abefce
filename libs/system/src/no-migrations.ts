import { TenantMigrations, type AppliedMigration, type Migration } from '@berth/ports';

/** For a product that brings its tables itself. */
export class NoMigrations extends TenantMigrations {
  available(): Promise<readonly Migration[]> {
    return Promise.resolve([]);
  }

  applied(): Promise<readonly AppliedMigration[]> {
    return Promise.resolve([]);
  }

  apply(): Promise<readonly AppliedMigration[]> {
    return Promise.resolve([]);
  }

  markApplied(): Promise<void> {
    return Promise.resolve();
  }
}
