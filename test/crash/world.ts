import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import 'reflect-metadata';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { loadConfig, type Config } from '@berth/config';
import { hasEnded, secretRefs, type Operation, type TenantId, tenantsDatabase } from '@berth/domain';
import { OperationDesk, type OperationRequest, type Tools } from '@berth/operations';
import { AuditLog, JobQueue, OperationCatalog, PlanCatalog } from '@berth/ports';
import { Journal, noFailpoints, type SagaRunner } from '@berth/saga';
import { type FencedTools, FencedToolsToken, SystemModule, ToolsToken } from '@berth/system';
import {
  ServerFolder,
  startPgBouncer,
  startPostgres,
  type StartPostgresOptions,
  type TestPgBouncer,
  type TestPostgres,
} from '@berth/testing';
import { createSagaRunner } from '@berth/worker';
import pg from 'pg';

@Module({})
class WorldModule {}

/** How long an operation that is run here may wait and come again. */
const patienceMs = 600_000;

/** More than the plan of a dedicated instance allows one tenant, so that such a tenant can be demoted with its plan. */
const connections = 250;

/** A whole system on real servers, without a worker: the tests run operations here or in processes that they kill. */
export class World {
  readonly #runner: SagaRunner<Tools>;
  readonly #catalog: pg.Pool;
  #pooler: TestPgBouncer | null = null;
  /** How many operations were asked for, and put on record. */
  asked = 0;

  private constructor(
    readonly config: Config,
    readonly app: INestApplicationContext,
    readonly tools: Tools,
    readonly servers: Readonly<Record<string, TestPostgres>>,
    private readonly folder: ServerFolder,
  ) {
    const observer = { stepEnded: () => undefined, settled: () => undefined };
    const journal = app.get(Journal);
    const fenced = app.get<FencedTools>(FencedToolsToken);
    const leaseMs = config.BERTH_LEASE_MS;
    this.#catalog = new pg.Pool({ connectionString: config.BERTH_CATALOG_URL, max: 2 });
    this.#runner = createSagaRunner({ tools, fenced, journal, observer, leaseMs, failpoints: noFailpoints });
  }

  /** `migrations`: files of the product's, by their names. */
  static async open(
    environment: Readonly<Record<string, string>> = {},
    migrations: Readonly<Record<string, string>> = {},
    servers: StartPostgresOptions = {},
  ): Promise<World> {
    const folder = await ServerFolder.make('berth-crash-');
    const given = await migrationsIn(path.join(folder.path, 'migrations'), migrations);
    const settings = { max_connections: connections, ...servers.settings };
    const start = () => startPostgres({ ...servers, settings });
    const [one, two] = await Promise.all([start(), start()]);
    const config = loadConfig({
      PATH: process.env['PATH'],
      // Instances are of the same version as the servers, or the one could not move to the other.
      BERTH_PG_BIN: servers.major === undefined ? process.env['BERTH_PG_BIN'] : one.bin,
      BERTH_CATALOG_URL: one.adminUrl(await one.createDatabase()),
      BERTH_SECRETS_DIR: path.join(folder.path, 'secrets'),
      BERTH_INSTANCES_DIR: path.join(folder.path, 'instances'),
      BERTH_DUMPS_DIR: path.join(folder.path, 'dumps'),
      // A busy machine must not lose a lease; of a worker that was killed, `endLease` ends it.
      BERTH_LEASE_MS: '60000',
      BERTH_LOG_LEVEL: 'silent',
      ...given,
      ...environment,
    });
    const app = await NestFactory.createApplicationContext(
      { module: WorldModule, imports: [SystemModule.forRoot(config)] },
      { logger: false, abortOnError: false },
    );
    const world = new World(config, app, app.get<Tools>(ToolsToken), { 'shared-1': one, 'shared-2': two }, folder);
    for (const [id, server] of Object.entries(world.servers)) await world.#register(id, server);
    return world;
  }

  async close(): Promise<void> {
    await this.#destroy(await this.tools.infrastructure.list());
    await this.#catalog.end();
    await this.app.get(JobQueue).close();
    await this.app.close();
    await Promise.all(Object.values(this.servers).map((server) => server.stop()));
    await this.#pooler?.stop();
    await this.folder.remove();
  }

  /** The tenant has shown what it was there for: its own servers make room for those of others. */
  async letGo(tenantId: TenantId): Promise<void> {
    await this.#destroy((await this.tools.infrastructure.list()).filter((id) => id.includes(tenantId)));
  }

  async #destroy(instances: readonly string[]): Promise<void> {
    const work = { signal: new AbortController().signal, onProgress: () => undefined };
    await Promise.all(instances.map((id) => this.tools.infrastructure.destroy(id, work)));
  }

  get desk(): OperationDesk {
    return this.app.get(OperationDesk);
  }

  /** The limits of the plans that tenants of the tests have, by tier. */
  async planOfTier(tier: 'shared' | 'dedicated'): Promise<string> {
    const plan = (await this.app.get(PlanCatalog).list()).find((candidate) => candidate.tier === tier);
    if (plan === undefined) throw new Error(`there is no plan of tier ${tier}`);
    return plan.name;
  }

  async operation(id: string): Promise<Operation> {
    const operation = await this.app.get(OperationCatalog).get(id);
    if (operation === null) throw new Error(`there is no operation ${id}`);
    return operation;
  }

  /** Starts an operation, with the entry in the audit log that the API would make. */
  async ask(request: OperationRequest): Promise<Operation> {
    const operation = await this.desk.start(request, 'test');
    const { id, kind, tenantId } = operation;
    const entry = { actor: 'test', action: kind, tenantId, object: `tenants/${tenantId}`, from: null, answer: '202' };
    await this.app.get(AuditLog).append({ ...entry, operationId: id });
    this.asked += 1;
    return operation;
  }

  /** Starts an operation and runs it here, to its end. */
  async perform(request: OperationRequest): Promise<Operation> {
    const operation = await this.runToEnd((await this.ask(request)).id);
    if (operation.state !== 'succeeded')
      throw new Error(`${request.kind} ${operation.state}: ${JSON.stringify(operation.error)}`);
    return operation;
  }

  /** Lets the lease of a killed worker run out now. That nobody acts before it has run out is shown elsewhere, in its own time. */
  async endLease(id: string): Promise<void> {
    await this.#catalog.query('UPDATE berth.operations SET lease_until = clock_timestamp() WHERE id = $1', [id]);
  }

  /** Runs an operation as the sweep would: claims it when nobody else holds it, until it has ended. */
  async runToEnd(id: string, runner = this.#runner): Promise<Operation> {
    const never = new AbortController().signal;
    const ended = new AbortController();
    const late = pause(patienceMs, undefined, { signal: ended.signal }).then(async (): Promise<never> => {
      throw new Error(`it does not end: ${JSON.stringify(await this.operation(id))}`);
    });
    late.catch(() => undefined);
    try {
      for (;;) {
        const report = await Promise.race([runner.run(id, never), late]);
        const operation = await this.operation(id);
        if (hasEnded(operation.state) || operation.state === 'needs-operator') return operation;
        if (report.kind === 'abandoned') throw new Error('the journal failed', { cause: report.error });
        await pause(25);
      }
    } finally {
      ended.abort();
    }
  }

  /** From here on the system has a pooler of its own. */
  async withPooler(): Promise<TestPgBouncer> {
    this.#pooler = await startPgBouncer();
    await this.registerPooler('pool-1', this.#pooler);
    return this.#pooler;
  }

  async registerPooler(id: string, { access }: Pick<TestPgBouncer, 'access'>): Promise<void> {
    const { host, port, sslMode, folder, user: username, password, verifier } = access;
    const login = { username, password, verifier };
    const { secrets, poolers, router } = this.tools;
    await secrets.write(secretRefs.poolerAdmin(id), login, { expectedVersion: 0, metadata: {} });
    await poolers.add({ id, host, port, sslMode, folder });
    const findings = await router.takeOver({ ...access, poolerId: id });
    if (findings.length > 0) throw new Error(JSON.stringify(findings));
  }

  /** The tenant's alias at the pooler: the cluster that it shows, whether its clients wait, and which logins it lets through. */
  async aliasOf(tenantId: TenantId): Promise<object | null> {
    if (this.#pooler === null) return null;
    const { host, port, user, password, folder } = this.#pooler.access;
    const console = new pg.Client({ host, port, user, password, database: 'pgbouncer' });
    await console.connect();
    const { rows } = await console.query<{ name: string; port: number; paused: number }>('SHOW DATABASES');
    await console.end();
    const alias = rows.find(({ name }) => name === tenantId);
    if (alias === undefined) return null;
    const leadsTo = Object.entries(this.servers).find(([, server]) => server.port === alias.port)?.[0] ?? 'own';
    const users = await readFile(path.join(folder, 'berth-userlist.txt'), 'utf8');
    const ofTenant = new RegExp(`^"(tenant_${tenantId.replaceAll('-', '_')}__[ab])"`, 'gm');
    return { leadsTo, held: alias.paused === 1, logins: [...users.matchAll(ofTenant)].map(([, login]) => login) };
  }

  /** Everything outside the databases that an operation on this tenant could leave behind. */
  async belongingsOf(tenantId: TenantId): Promise<object> {
    const dumps = await readdir(this.config.BERTH_DUMPS_DIR).catch(() => []);
    const operations = await this.app.get(OperationCatalog).list({ tenantId }, { limit: 100 });
    return {
      instances: (await this.tools.infrastructure.list()).filter((id) => id.includes(tenantId)),
      clusters: (await this.tools.clusters.list()).map(({ id }) => id).filter((id) => id.includes(tenantId)),
      adminSecrets: (await this.tools.secrets.list('clusters/')).filter((ref) => ref.includes(tenantId)),
      dumps: dumps.filter((name) => operations.items.some(({ id }) => name.startsWith(`move-${id}`))).length,
      finalDumps: dumps.filter((name) => name.startsWith(`final-${tenantId}-`)).length,
    };
  }

  async #register(id: string, server: TestPostgres): Promise<void> {
    const { user: username, password } = server.admin;
    const first = { expectedVersion: 0, metadata: {} };
    await this.tools.secrets.write(secretRefs.clusterAdmin(id), { username, password }, first);
    const { user, password: strong } = server.superuser;
    if (server.major < 16)
      await this.tools.secrets.write(secretRefs.clusterStreams(id), { username: user, password: strong }, first);
    await this.tools.clusters.add({
      id,
      tier: 'shared',
      state: 'active',
      host: server.host,
      port: server.port,
      sslMode: 'disable',
      ca: null,
      database: tenantsDatabase,
      postgresMajor: server.major,
      labels: { zone: id },
      maxTenants: null,
      maxOperations: 100,
      managed: false,
    });
    await this.tools.probe.prepare(await this.tools.directory.access(id));
  }
}

/** What a tenant of the crash matrix is migrated by; its only statement changes nothing. */
export const firstMigration = '001_nothing';

async function migrationsIn(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  if (Object.keys(files).length === 0) return {};
  await mkdir(folder, { recursive: true });
  for (const [name, sql] of Object.entries(files)) await writeFile(path.join(folder, `${name}.sql`), sql);
  return { BERTH_MIGRATIONS_DIR: folder };
}

let count = 0;

/** A tenant id that no other test has, and that is the beginning of no other one. */
export function freshTenantId(): TenantId {
  count += 1;
  return `t${String(process.pid)}-${String(count).padStart(5, '0')}` as TenantId;
}
