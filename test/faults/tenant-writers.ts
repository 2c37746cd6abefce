import { secretRefs, type TenantId } from '@berth/domain';
import { AmbiguousCommitError, createTenants, type Tenants } from '@berth/client';
import type { World } from '../crash/world.js';

const count = 3;

/** A product's services that write to one tenant by the client library, whatever breaks, and remember what they were told. */
export class TenantWriters {
  readonly acknowledged: string[] = [];
  /** Their COMMIT was lost on the way: each is there once, or not at all. */
  readonly unsure: string[] = [];
  readonly #tenants: Tenants;
  readonly #writing: Promise<unknown>;
  #stopping = false;

  private constructor(
    world: World,
    private readonly tenantId: TenantId,
  ) {
    const read = async (id: string) =>
      (await world.tools.secrets.read(secretRefs.tenantDb(id as TenantId)))?.document ?? null;
    this.#tenants = createTenants({
      placement: { read },
      pollMs: 500,
      pools: { connectionsPerTenant: count, acquireMs: 2_000 },
      waits: { moveMs: 2_000, reconnectMs: 2_000, loginMs: 2_000 },
    });
    this.#writing = Promise.all(Array.from({ length: count }, (_, index) => this.#write(index)));
  }

  static start(world: World, tenantId: TenantId): TenantWriters {
    return new TenantWriters(world, tenantId);
  }

  /** When that many more were acknowledged. */
  async more(wanted: number): Promise<void> {
    const enough = this.acknowledged.length + wanted;
    while (this.acknowledged.length < enough) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#writing;
    await this.#tenants.close();
  }

  async #write(index: number): Promise<void> {
    for (let round = 0; !this.#stopping; round += 1) {
      const name = `w${String(index)}-${String(round)}`;
      try {
        await this.#tenants.withTransaction(this.tenantId, (client) =>
          client.query('INSERT INTO port (name) VALUES ($1)', [name]),
        );
        this.acknowledged.push(name);
      } catch (error) {
        if (error instanceof AmbiguousCommitError) this.unsure.push(name);
        // Any other refusal says that nothing was written; who waits for a server does not ask without a pause.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      // As busy as a product, not as fast as can be: the others want their share of the machine.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
