import { createHash } from 'node:crypto';
import { type Actor, BerthError, type Place } from '@berth/domain';
import { type AppliedMigration, type Migration, TenantMigrations } from '@berth/ports';

type ApplyOptions = Parameters<TenantMigrations['apply']>[2];

export interface FakeMigration {
  readonly version: string;
  readonly content: string;
  /** Fails with this message when it is applied. */
  readonly fails?: string;
}

/** Migrations in memory; what was applied is kept by schema. */
export class FakeTenantMigrations extends TenantMigrations {
  readonly #applied = new Map<string, AppliedMigration[]>();
  readonly #fences = new Map<string, number>();
  /** What the operator configured. Replace it to play a new release. */
  migrations: readonly FakeMigration[];

  constructor(migrations: readonly FakeMigration[] = []) {
    super();
    this.migrations = migrations;
  }

  async available(): Promise<readonly Migration[]> {
    return this.migrations.map(withChecksum);
  }

  async applied(place: Place): Promise<readonly AppliedMigration[]> {
    return [...(this.#applied.get(keyOf(place)) ?? [])];
  }

  async apply(place: Place, actor: Actor, options: ApplyOptions): Promise<readonly AppliedMigration[]> {
    const before = await this.applied(place);
    const changed = this.migrations
      .map(withChecksum)
      .filter(({ version, checksum }) => before.some((one) => one.version === version && one.checksum !== checksum));
    if (changed.length > 0) {
      const versions = changed.map(({ version }) => version);
      throw new BerthError('migration-changed', `Changed after it was applied: ${versions.join(', ')}.`, {
        details: { versions },
      });
    }
    const done: AppliedMigration[] = [];
    for (const migration of this.migrations) {
      if (before.some(({ version }) => version === migration.version)) continue;
      this.#act(place, actor, options.signal);
      done.push(this.#run(place, migration));
      options.onApplied(done.at(-1)!);
    }
    return done;
  }

  async markApplied(place: Place, migrations: readonly Migration[], actor: Actor): Promise<void> {
    this.#act(place, actor, new AbortController().signal);
    const before = await this.applied(place);
    const marked = migrations
      .filter(({ version }) => !before.some((one) => one.version === version))
      .map((migration) => ({ ...migration, appliedAt: new Date(), ms: 0 }));
    this.#applied.set(keyOf(place), [...before, ...marked]);
  }

  /** What a dump move does: the records go where the schema goes. */
  copy(from: Place, to: Place): void {
    this.#applied.set(keyOf(to), [...(this.#applied.get(keyOf(from)) ?? [])]);
  }

  #act(place: Place, actor: Actor, signal: AbortSignal): void {
    if (signal.aborted) throw new BerthError('cancelled', 'The migrations were cancelled.');
    const key = `${place.clusterId}/${actor.tenantId}`;
    if (actor.fence < (this.#fences.get(key) ?? 0))
      throw new BerthError('lease-lost', 'A newer worker acts on this tenant.');
    this.#fences.set(key, actor.fence);
  }

  #run(place: Place, migration: FakeMigration): AppliedMigration {
    if (migration.fails !== undefined) {
      throw new BerthError('migration-failed', `Migration ${migration.version} failed in line 1: ${migration.fails}`, {
        details: { version: migration.version, line: 1 },
      });
    }
    const applied = { ...withChecksum(migration), appliedAt: new Date(), ms: 1 };
    this.#applied.set(keyOf(place), [...(this.#applied.get(keyOf(place)) ?? []), applied]);
    return applied;
  }
}

function withChecksum({ version, content }: FakeMigration): Migration {
  return { version, checksum: createHash('sha256').update(content).digest('hex') };
}

function keyOf(place: Place): string {
  return `${place.clusterId}/${place.database}/${place.schema}`;
}
