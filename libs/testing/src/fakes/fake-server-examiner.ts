import { BerthError, type Finding, ownerOfStream, type Place, type TenantId } from '@berth/domain';
import {
  type SeenSlot,
  ServerExaminer,
  type ServerReading,
  type TenantDatabase,
  type WantedTenant,
} from '@berth/ports';

export interface FakeServer {
  reading: ServerReading;
  /** False: nothing answers. */
  reachable: boolean;
}

const sound: ServerReading = {
  version: '18.1',
  postgresMajor: 18,
  settings: {
    fsync: 'on',
    full_page_writes: 'on',
    log_statement: 'none',
    max_slot_wal_keep_size: '4096',
    password_encryption: 'scram-sha-256',
  },
  slots: [],
  streamParts: [],
  schemas: [],
  roles: [],
  scratch: [],
  trust: [],
};

/** Servers in memory; one that a test did not describe is sound and empty. Tenants are those of the fake of their database. */
export class FakeServerExaminer extends ServerExaminer {
  readonly #servers = new Map<string, FakeServer>();

  constructor(private readonly database: Pick<TenantDatabase, 'inspect'>) {
    super();
  }

  /** The server as a thing to be changed by the test. */
  server(clusterId: string): FakeServer {
    const known = this.#servers.get(clusterId) ?? { reading: sound, reachable: true };
    this.#servers.set(clusterId, known);
    return known;
  }

  /** Changes what a reading shows. */
  show(clusterId: string, change: Partial<ServerReading>): void {
    const server = this.server(clusterId);
    server.reading = { ...server.reading, ...change };
  }

  static slot(name: string, change: Partial<SeenSlot> = {}): SeenSlot {
    return { name, active: true, temporary: false, lost: false, retainedBytes: 0, ...change };
  }

  async read(clusterId: string): Promise<ServerReading> {
    return this.#answering(clusterId).reading;
  }

  async drift(clusterId: string, wanted: readonly WantedTenant[]): Promise<ReadonlyMap<TenantId, readonly Finding[]>> {
    this.#answering(clusterId);
    const found = new Map<TenantId, readonly Finding[]>();
    for (const one of wanted) found.set(one.place.tenantId, await this.database.inspect(one));
    return found;
  }

  async removeStream({ clusterId, tenantId }: Place, name: string): Promise<void> {
    const { slots, streamParts } = this.#answering(clusterId).reading;
    if (ownerOfStream(name)?.tenantId !== tenantId)
      throw new BerthError('invalid-request', `${name} is no stream of ${tenantId}.`);
    this.show(clusterId, {
      slots: slots.filter((slot) => slot.name !== name),
      streamParts: streamParts.filter((part) => part.name !== name),
    });
  }

  async dropScratch(clusterId: string, database: string): Promise<void> {
    const { scratch } = this.#answering(clusterId).reading;
    this.show(clusterId, { scratch: scratch.filter((name) => name !== database) });
  }

  #answering(clusterId: string): FakeServer {
    const server = this.server(clusterId);
    if (server.reachable) return server;
    throw new BerthError('cluster-unreachable', `Cluster ${clusterId} does not answer.`);
  }
}
