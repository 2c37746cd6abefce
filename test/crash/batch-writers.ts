import type { TenantId } from '@berth/domain';
import { TenantWriters } from '@berth/testing';
import { namesWritten } from './tenant-data.js';
import type { World } from './world.js';

/** Seldom: dozens of tenants share the machine with the operations that are broken. */
const restMs = 250;

/** Who writes to the tenants of one batch by the client library, from before their operations to after their ends. */
export class BatchWriters {
  readonly #all = new Map<TenantId, TenantWriters>();

  constructor(private readonly world: World) {}

  /** To a tenant that is yet to be made, or to be taken over, nobody writes by the client library. */
  async startOn(tenantId: TenantId, waitMs = 2_000): Promise<void> {
    const state = await this.#stateOf(tenantId);
    if (state === undefined) return;
    const { secrets } = this.world.tools;
    const writers = TenantWriters.start(tenantId, { secrets, writers: 1, restMs, waitMs });
    this.#all.set(tenantId, writers);
    if (state === 'ready') await writers.more(1);
  }

  /** One more write where the tenant takes any, and then each has to be there once. Answers what the last refused write was told. */
  async endOn(tenantId: TenantId): Promise<unknown> {
    const writers = this.#all.get(tenantId);
    if (writers === undefined) return null;
    if ((await this.#stateOf(tenantId)) === 'ready') await writers.more(1);
    await writers.stop();
    this.#all.delete(tenantId);
    expect(writers.wrongWith(await namesWritten(this.world, tenantId))).toEqual([]);
    return writers.refusal;
  }

  /** Those that are left when something failed. */
  async stop(): Promise<void> {
    await Promise.all([...this.#all.values()].map((writers) => writers.stop()));
  }

  async #stateOf(tenantId: TenantId): Promise<string | undefined> {
    return (await this.world.tools.tenants.get(tenantId))?.state;
  }
}
