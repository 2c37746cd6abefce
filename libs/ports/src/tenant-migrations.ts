import type { Actor, Place } from '@berth/domain';

/** One migration of the product. */
export interface Migration {
  /** The file's name without `.sql`, in whose order they run; or the name of the command. */
  readonly version: string;
  /** SHA-256 of the content, hex. */
  readonly checksum: string;
}

export interface AppliedMigration extends Migration {
  readonly appliedAt: Date;
  readonly ms: number;
}

/** Runs the product's own migrations inside one tenant's schema, as its owner. */
export abstract class TenantMigrations {
  /** In the order in which they run; empty when the operator configured none. @throws `config-invalid` */
  abstract available(): Promise<readonly Migration[]>;

  /** What the schema itself says was applied, in order. A move carries it along. */
  abstract applied(place: Place): Promise<readonly AppliedMigration[]>;

  /**
   * Applies all that are pending, each in a transaction of its own with its record. @throws `migration-failed` (version, line,
   * the server's message), `migration-changed` (an applied one whose checksum differs), `lock-timeout`
   */
  abstract apply(
    place: Place,
    actor: Actor,
    options: { readonly signal: AbortSignal; readonly onApplied: (migration: AppliedMigration) => void },
  ): Promise<readonly AppliedMigration[]>;

  /**
   * Records that these are in the schema already, without running them (0 ms): for a schema that was made elsewhere. What is recorded
   * stays as it is. @throws `lock-timeout`
   */
  abstract markApplied(place: Place, migrations: readonly Migration[], actor: Actor): Promise<void>;
}

/** The ledger of the catalog: which tenant stands at which version, so that "nothing to do" for all is one query. */
export abstract class MigrationLedger {
  abstract record(tenantId: string, applied: readonly AppliedMigration[]): Promise<void>;
  abstract recordFailure(tenantId: string, version: string, message: string): Promise<void>;
  abstract of(tenantId: string): Promise<{
    readonly applied: readonly AppliedMigration[];
    readonly failure: { readonly version: string; readonly message: string; readonly at: Date } | null;
  }>;
  /** Tenants that do not stand at exactly these migrations, at most `limit`. */
  abstract behind(migrations: readonly Migration[], limit: number): Promise<readonly string[]>;
}
