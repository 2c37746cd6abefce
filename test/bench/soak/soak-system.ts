import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ApiKeyCatalog } from '@berth/ports';
import { ApiProcess, startPgBouncer, startPostgres, TcpProxy, WorkerProcess } from '@berth/testing';
import { World } from '../../crash/world.js';
import { lineTo, streamingMajor } from '../../faults/fault-world.js';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A system on real servers, each behind a line that can break, with the API and two workers as they run in production. */
export class SoakSystem {
  private constructor(
    readonly world: World,
    readonly catalog: Awaited<ReturnType<typeof startPostgres>>,
    readonly pooler: Awaited<ReturnType<typeof startPgBouncer>>,
    readonly lines: Readonly<Record<'catalog' | 'shared-1' | 'shared-2', TcpProxy>>,
    private readonly api: ApiProcess,
    private readonly address: string,
    private readonly key: string,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly steady: WorkerProcess,
    private unlucky: WorkerProcess,
  ) {}

  static async open(): Promise<SoakSystem> {
    const catalog = await startPostgres({ settings: { max_connections: 200 } });
    const toCatalog = await TcpProxy.before(catalog);
    const url = new URL(catalog.adminUrl(await catalog.createDatabase()));
    url.port = String(toCatalog.port);
    const settings = { max_replication_slots: 60, max_wal_senders: 60, max_worker_processes: 60 };
    const servers = { major: streamingMajor, replication: true, settings };
    const world = await World.open({ BERTH_CATALOG_URL: url.href }, {}, servers);
    const lines = {
      catalog: toCatalog,
      'shared-1': await lineTo(world, 'shared-1'),
      'shared-2': await lineTo(world, 'shared-2'),
    };
    const pooler = await startPgBouncer();
    await world.registerPooler('pool-1', pooler);
    const environment = environmentOf(world);
    const key = await adminKey(world);
    const api = new ApiProcess(environment);
    const steady = new WorkerProcess(environment);
    const unlucky = new WorkerProcess(environment);
    const [address] = await Promise.all([api.ready(), steady.ready(), unlucky.ready()]);
    return new SoakSystem(world, catalog, pooler, lines, api, address, key, environment, steady, unlucky);
  }

  /** While the API cannot answer, its status is 0. */
  async ask(method: 'DELETE' | 'GET' | 'POST' | 'PUT', what: string, body?: object): Promise<Answer> {
    try {
      const response = await fetch(`${this.address}/v1/${what}`, {
        method,
        headers: { authorization: `Bearer ${this.key}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(60_000),
      });
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    } catch (error) {
      return { status: 0, body: { detail: String(error) } };
    }
  }

  /** Of the two workers always the same one dies: the other one is measured. */
  async killWorker(): Promise<void> {
    await this.unlucky.end('SIGKILL');
    this.unlucky = new WorkerProcess(this.environment);
    await this.unlucky.ready();
  }

  /** Resident megabytes of the API, and of the worker that is never killed. */
  async memory(): Promise<{ readonly api: number; readonly worker: number }> {
    return { api: await residentMegabytes(this.api), worker: await residentMegabytes(this.steady) };
  }

  async close(): Promise<void> {
    await Promise.all([this.api, this.steady, this.unlucky].map((program) => program.end('SIGKILL')));
    await this.world.close();
    await Promise.all(Object.values(this.lines).map((line) => line.close()));
    await Promise.all([this.catalog.stop(), this.pooler.stop()]);
  }
}

function environmentOf({ config }: World): Readonly<Record<string, string>> {
  const given = Object.entries(config).filter(
    ([name, value]) => name.startsWith('BERTH_') && ['string', 'number'].includes(typeof value),
  );
  return {
    ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
    BERTH_LOG_LEVEL: 'info',
    BERTH_WORKER_HEALTH_PORT: '0',
    BERTH_LEASE_MS: '10000',
    BERTH_RATE_LIMIT_PER_MINUTE: '100000',
  };
}

async function adminKey(world: World): Promise<string> {
  const key = `berth_${randomBytes(32).toString('base64url')}`;
  const hash = createHash('sha256').update(key).digest('hex');
  const facts = { id: 'soak', name: 'soak', scopes: ['admin'], tenantId: null, expiresAt: null } as const;
  await world.app.get(ApiKeyCatalog).create(facts, hash);
  return key;
}

/** @throws when it has ended, which nobody asked it to, with the end of what it said */
async function residentMegabytes({ child, output, errors }: ApiProcess | WorkerProcess): Promise<number> {
  const how = child.exitCode ?? child.signalCode;
  if (how !== null)
    throw new Error(`${String(child.spawnargs.at(-1))} ended (${String(how)}): ${output.slice(-5_000)}\n${errors}`);
  const status = await readFile(`/proc/${String(child.pid)}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1_024) / 1e6;
}
