import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import 'reflect-metadata';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { loadConfig } from '@berth/config';
import { secretRefs, tenantsDatabase } from '@berth/domain';
import { OperationDesk, type Tools } from '@berth/operations';
import { JobQueue } from '@berth/ports';
import { SystemModule, ToolsToken } from '@berth/system';
import { startPostgres, type TestPostgres } from '@berth/testing';
import { postmasterOf, treeSeconds } from './processor-time.js';

@Module({})
class BenchModule {}

/** What a test server leaves out, and a real one pays for. */
export const durable = { fsync: true, full_page_writes: true } as const;
export const clusterId = 'shared-1';

/** The parts of a local system on durable servers: catalog, one shared cluster, the desk in this process, one worker process. */
export class BenchSystem {
  #pids: Readonly<Record<string, number>> | null = null;

  private constructor(
    private readonly folder: string,
    private readonly app: INestApplicationContext,
    private readonly worker: ChildProcess,
    readonly catalog: { readonly server: TestPostgres; readonly url: string },
    readonly cluster: TestPostgres,
  ) {}

  static async open(options: { readonly migrationsDir: string; readonly concurrency: number }): Promise<BenchSystem> {
    const folder = await mkdtemp(path.join(tmpdir(), 'berth-bench-'));
    const [server, cluster] = await Promise.all([
      startPostgres({ settings: durable }),
      startPostgres({ settings: { ...durable, shared_buffers: '64MB', max_wal_size: '1GB' } }),
    ]);
    const url = server.adminUrl(await server.createDatabase());
    const environment = {
      PATH: process.env['PATH'],
      BERTH_CATALOG_URL: url,
      BERTH_SECRETS_DIR: path.join(folder, 'secrets'),
      BERTH_INSTANCES_DIR: path.join(folder, 'instances'),
      BERTH_DUMPS_DIR: path.join(folder, 'dumps'),
      BERTH_MIGRATIONS_DIR: options.migrationsDir,
      BERTH_WORKER_HEALTH_PORT: '0',
      BERTH_WORKER_CONCURRENCY: String(options.concurrency),
    };
    const app = await NestFactory.createApplicationContext(
      { module: BenchModule, imports: [SystemModule.forRoot(loadConfig(environment))] },
      { logger: false, abortOnError: false },
    );
    await register(app.get<Tools>(ToolsToken), cluster, options.concurrency);
    return new BenchSystem(folder, app, await startWorker(environment), { server, url }, cluster);
  }

  get desk(): OperationDesk {
    return this.app.get(OperationDesk);
  }

  /** A port of the system by its token. */
  part<T>(token: abstract new (...given: never[]) => T): T {
    return this.app.get(token as never);
  }

  get tools(): Tools {
    return this.app.get<Tools>(ToolsToken);
  }

  /** Processor seconds so far of each part outside this process, by its name. */
  async processorSeconds(): Promise<Readonly<Record<string, number>>> {
    this.#pids ??= {
      cluster: await postmasterOf(this.cluster),
      catalog: await postmasterOf(this.catalog.server),
      worker: this.worker.pid ?? 0,
    };
    const seconds = await Promise.all(
      Object.entries(this.#pids).map(async ([name, pid]) => [name, await treeSeconds(pid)]),
    );
    return Object.fromEntries(seconds) as Record<string, number>;
  }

  async close(): Promise<void> {
    this.worker.kill('SIGTERM');
    if (this.worker.exitCode === null) await once(this.worker, 'exit');
    await this.app.get(JobQueue).close();
    await this.app.close();
    await Promise.all([this.catalog.server.stop(), this.cluster.stop()]);
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function register(tools: Tools, server: TestPostgres, concurrency: number): Promise<void> {
  const { user: username, password } = server.admin;
  const created = { expectedVersion: 0, metadata: {} };
  await tools.secrets.write(secretRefs.clusterAdmin(clusterId), { username, password }, created);
  await tools.clusters.add({
    id: clusterId,
    tier: 'shared',
    state: 'active',
    host: server.host,
    port: server.port,
    sslMode: 'disable',
    ca: null,
    database: tenantsDatabase,
    postgresMajor: server.major,
    labels: {},
    maxTenants: null,
    maxOperations: concurrency,
    managed: false,
  });
  await tools.probe.prepare(await tools.directory.access(clusterId));
}

/** The very program that `berth up` starts, its log thrown away after the line that says that it is ready. */
async function startWorker(environment: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const script = path.join(import.meta.dirname, '../../apps/worker/dist/main.js');
  const child = spawn(process.execPath, [script], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) if (line.includes('the worker is ready')) break;
  child.stdout.resume();
  return child;
}
