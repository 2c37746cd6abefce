import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  postgresMajors,
  redisPart,
  startPgBouncer,
  startPostgres,
  startRedis,
  TcpProxy,
  TestVault,
  VaultAccess,
  type TestPart,
  type TestPgBouncer,
  type TestPostgres,
  type TestRedis,
  type WorkerProcess,
} from '@berth/testing';
import { tenantsDatabase } from '@berth/domain';
import type { World } from '../crash/world.js';
import { serveApi, type ServedApi } from '../e2e/served-api.js';
import { WorkerWorld } from '../e2e/worker-world.js';
import { SmallDisk, smallDiskPart } from './small-disk.js';

/** Long enough that a busy machine keeps it, short enough to wait for its end. */
export const leaseMs = 4_000;

const majors = (await postgresMajors()).map(({ major }) => major).filter((major) => major >= 16);
/** The oldest one that can stream. */
export const streamingMajor = majors.at(-1) ?? 16;

export const streamingPostgres: TestPart = {
  name: 'PostgreSQL 16 or newer',
  missing: majors.length > 0 ? undefined : 'not here (BERTH_TEST_PG_BINS names bin folders)',
};

export { redisPart };

/** Of two poolers the first has one. */
export type LineName = 'catalog' | 'shared-1' | 'shared-2' | 'redis' | 'vault' | 'pool-1';

/** Everybody's servers, each behind a line that a test can break, and two workers as they run in production. */
export class FaultWorld {
  #workers: readonly WorkerProcess[] = [];
  #staffedWith = '';
  /** How long the log of each worker was when the ten operations began. */
  readonly saidBefore = new Map<WorkerProcess, number>();

  private constructor(
    readonly here: WorkerWorld,
    readonly api: FaultApi,
    readonly parts: {
      readonly catalog: TestPostgres;
      readonly redis: TestRedis;
      readonly vault: TestVault;
      readonly access: VaultAccess;
      readonly poolers: readonly TestPgBouncer[];
      readonly terraformFolder: string;
    },
    /** The lines to the servers, by whom they lead to. */
    readonly lines: Readonly<Record<LineName, TcpProxy>>,
    /** Holds the tenants of `shared-2`; null where none can be mounted. */
    readonly disk: SmallDisk | null,
  ) {}

  static async open(): Promise<FaultWorld> {
    const [vault, catalog, redis] = await Promise.all([
      TestVault.start(),
      startPostgres({ settings: { max_connections: 300 } }),
      startRedis(),
    ]);
    const access = await VaultAccess.setUp(vault);
    const toCatalog = await TcpProxy.before(catalog);
    const toRedis = await TcpProxy.before(placeOf(redis.url));
    const toVault = await TcpProxy.before(placeOf(vault.url));
    const catalogUrl = through(toCatalog, catalog.adminUrl(await catalog.createDatabase()));
    const terraformFolder = await mkdtemp(path.join(tmpdir(), 'berth-faults-'));
    const environment = {
      BERTH_CATALOG_URL: catalogUrl,
      BERTH_SECRET_STORE: 'vault',
      BERTH_VAULT_URL: through(toVault, vault.url),
      BERTH_VAULT_ROLE_ID: access.roleId,
      BERTH_VAULT_SECRET_ID_FILE: access.secretIdFile,
      BERTH_INFRASTRUCTURE: 'terraform',
      BERTH_TERRAFORM_DIR: terraformFolder,
    };
    const settings = { max_replication_slots: 60, max_wal_senders: 60, max_worker_processes: 60 };
    const here = await WorkerWorld.open(environment, { major: streamingMajor, replication: true, settings });
    // Many at once, on whatever machine: only the test's own time says when it is too long.
    here.patienceMs = 120_000;
    const disk = smallDiskPart.missing === undefined ? await SmallDisk.mount() : null;
    if (disk !== null) await moveTenantsTo(disk, here.world);
    const poolers = [await startPgBouncer(), await startPgBouncer()] as const;
    const lines = {
      catalog: toCatalog,
      redis: toRedis,
      vault: toVault,
      'pool-1': await TcpProxy.before(poolers[0].access),
      'shared-1': await lineTo(here.world, 'shared-1'),
      'shared-2': await lineTo(here.world, 'shared-2'),
    };
    await here.world.registerPooler('pool-1', { access: { ...poolers[0].access, port: lines['pool-1'].port } });
    await here.world.registerPooler('pool-2', poolers[1]);
    const parts = { catalog, redis, vault, access, poolers, terraformFolder };
    return new FaultWorld(here, await FaultApi.over(here.world), parts, lines, disk);
  }

  get world(): World {
    return this.here.world;
  }

  get workers(): readonly WorkerProcess[] {
    return this.#workers;
  }

  /** Two workers with these settings; those that are there stay if they have them and live. */
  async staff(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const wanted = JSON.stringify(environment);
    const alive = this.#workers.filter(({ child }) => child.exitCode === null && child.signalCode === null);
    if (wanted !== this.#staffedWith || alive.length < 2) await this.#hire(environment);
    this.#staffedWith = wanted;
    for (const worker of this.#workers) this.saidBefore.set(worker, worker.output.length);
  }

  async #hire(environment: Readonly<Record<string, string>>): Promise<void> {
    await this.here.endWorkers();
    const settings = {
      BERTH_LEASE_MS: String(leaseMs),
      BERTH_SWEEP_MS: '300',
      BERTH_WORKER_CONCURRENCY: '8',
      ...environment,
    };
    this.#workers = await Promise.all([this.here.worker(settings), this.here.worker(settings)]);
  }

  /** The worker that holds the operation's lease now. */
  async workerOf(operationId: string): Promise<WorkerProcess> {
    const owner = await this.here.inCatalog(`SELECT lease_owner FROM berth.operations WHERE id = '${operationId}'`);
    const worker = this.#workers.find(({ child }) => owner.endsWith(`:${String(child.pid)}`));
    if (worker === undefined) throw new Error(`no worker of ours holds ${operationId}: ${owner}`);
    return worker;
  }

  async close(): Promise<void> {
    const { catalog, redis, vault, access, poolers, terraformFolder } = this.parts;
    await this.api.stop();
    await this.here.close();
    for (const line of Object.values(this.lines)) await line.close();
    for (const pooler of poolers) await pooler.stop();
    await access.close();
    await Promise.all([catalog.stop(), redis.stop(), vault.stop()]);
    await rm(terraformFolder, { recursive: true, force: true });
    this.disk?.unmount();
  }
}

function placeOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

/** The same, by the line. */
function through(line: TcpProxy, url: string): string {
  const { host } = new URL(url);
  return url.replace(host, `127.0.0.1:${String(line.port)}`);
}

/** Data files alone: a server without room for its log stops, as one that is killed does. */
async function moveTenantsTo(disk: SmallDisk, world: World): Promise<void> {
  const server = world.servers['shared-2'];
  await server?.psql(`CREATE TABLESPACE small_disk LOCATION '${disk.folder}'`);
  await server?.psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${tenantsDatabase}'`);
  await server?.psql(`ALTER DATABASE ${tenantsDatabase} SET TABLESPACE small_disk`);
}

/** From here on everybody, the other cluster too, reaches this one through the line. */
export async function lineTo(world: World, id: 'shared-1' | 'shared-2'): Promise<TcpProxy> {
  const server = world.servers[id];
  if (server === undefined) throw new Error(`there is no server ${id}`);
  const line = await TcpProxy.before(server);
  await world.tools.clusters.update(id, { port: line.port });
  return line;
}

/** Asks as an administrator does, so that all of it is in the audit log. */
export class FaultApi {
  private constructor(
    private readonly served: ServedApi,
    private readonly key: string,
  ) {}

  static async over(world: World): Promise<FaultApi> {
    const served = await serveApi(world);
    return new FaultApi(served, await readFile(await served.keyFile(['admin']), 'utf8'));
  }

  /** Answers the id of the operation. */
  async ask(method: 'POST' | 'PUT', what: string, body: object = {}): Promise<string> {
    const response = await fetch(`${this.served.url}/v1/${what}`, {
      method,
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { readonly id?: string; readonly operation?: { readonly id: string } };
    const id = answer.operation?.id ?? answer.id;
    if (response.status >= 300 || id === undefined)
      throw new Error(`${method} ${what}: ${String(response.status)} ${JSON.stringify(answer)}`);
    return id;
  }

  stop(): Promise<void> {
    return this.served.stop();
  }
}
