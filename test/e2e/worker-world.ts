import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hasEnded, tenantsDatabase, type Operation, type TenantId } from '@berth/domain';
import { redisPart, startRedis, type StartPostgresOptions, whenAvailable, WorkerProcess } from '@berth/testing';
import pg from 'pg';
import { freshTenantId, World } from '../crash/world.js';

const lockNumber = 4711;

/** Waits until the test lets go, as a long migration would; its own transaction, so that a worker may come back to it. */
const longMigration = `
  DO $$ BEGIN
    WHILE NOT pg_try_advisory_xact_lock_shared(${String(lockNumber)}) LOOP PERFORM pg_sleep(0.02); END LOOP;
  END $$;
  CREATE TABLE item (id serial PRIMARY KEY, name text);
`;

/** A server that holds the queue, and what a worker needs to find it. */
export interface QueueHome {
  readonly environment: Readonly<Record<string, string>>;
  /** Everything that it holds is gone; it itself is not. */
  readonly loseEverything: (here: WorkerWorld) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function queueOnPostgres(): Promise<QueueHome> {
  const loseEverything = async (here: WorkerWorld): Promise<void> => {
    const tables = await here.inCatalog(
      `SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables
       WHERE schemaname NOT IN ('berth', 'pg_catalog', 'information_schema') AND tablename NOT LIKE '%migration%'`,
    );
    expect(tables).toContain('job');
    // Until it is done: whoever waits for a lock of the worker's, which waits for one of this, may be chosen to give up.
    await eventually(() => here.inCatalog(`TRUNCATE ${tables} CASCADE`));
  };
  return { environment: {}, loseEverything, stop: async () => undefined };
}

async function queueOnRedis(): Promise<QueueHome> {
  const redis = await startRedis();
  const loseEverything = async (): Promise<void> => {
    expect(Number(await redis.cli('DBSIZE'))).toBeGreaterThan(0);
    await redis.cli('FLUSHALL');
  };
  return { environment: { BERTH_REDIS_URL: redis.url }, loseEverything, stop: () => redis.stop() };
}

/** The suite once on each server that may hold the queue. */
export function onEachQueue(suite: string, body: (openQueue: () => Promise<QueueHome>) => void): void {
  describe(`${suite}, with the queue on PostgreSQL`, () => body(queueOnPostgres));
  whenAvailable(redisPart, `${suite}, with the queue on Redis`, () => body(queueOnRedis));
}

/** Whoever waits ends when it is true; a busy machine takes many times as long as an idle one. */
const patienceMs = 150_000;

/** A system on real servers with real worker processes; provisioning takes as long as the test wants. */
export class WorkerWorld {
  readonly #workers: WorkerProcess[] = [];
  #holder: pg.Client | null = null;
  /** How long what is waited for may take, in ms. */
  patienceMs = patienceMs;

  private constructor(
    readonly world: World,
    private readonly folder: string,
  ) {}

  static async open(
    environment: Readonly<Record<string, string>> = {},
    servers: StartPostgresOptions = {},
  ): Promise<WorkerWorld> {
    const folder = await mkdtemp(path.join(tmpdir(), 'berth-worker-'));
    await writeFile(path.join(folder, '001_item.sql'), longMigration);
    return new WorkerWorld(await World.open({ BERTH_MIGRATIONS_DIR: folder, ...environment }, {}, servers), folder);
  }

  async close(): Promise<void> {
    await this.endWorkers();
    await this.letGo();
    await this.world.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async endWorkers(): Promise<void> {
    for (const worker of this.#workers.splice(0)) await worker.end('SIGKILL');
  }

  worker(environment: Readonly<Record<string, string>> = {}): Promise<WorkerProcess> {
    const given = Object.entries(this.world.config).filter(
      ([name, value]) => name.startsWith('BERTH_') && ['string', 'number'].includes(typeof value),
    );
    const worker = new WorkerProcess({
      ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
      BERTH_LOG_LEVEL: 'info',
      BERTH_WORKER_HEALTH_PORT: '0',
      BERTH_SWEEP_MS: '200',
      BERTH_LEASE_MS: '60000',
      ...environment,
    });
    this.#workers.push(worker);
    return worker.ready();
  }

  /** From now on provisioning on this cluster stays in its migration. */
  async hold(clusterId: 'shared-1' | 'shared-2'): Promise<void> {
    this.#holder = new pg.Client({
      connectionString: this.world.servers[clusterId]?.superuserUrl(tenantsDatabase),
    });
    this.#holder.on('error', () => undefined);
    await this.#holder.connect();
    await this.#holder.query('SELECT pg_advisory_lock($1)', [lockNumber]);
  }

  async letGo(): Promise<void> {
    await this.#holder?.end();
    this.#holder = null;
  }

  async provision(clusterId: 'shared-1' | 'shared-2', tenantId: TenantId = freshTenantId()): Promise<string> {
    const plan = await this.world.planOfTier('shared');
    const request = { kind: 'provision-tenant', tenantId, plan, constraints: { labels: {} }, clusterId } as const;
    return (await this.world.desk.start(request, 'test')).id;
  }

  async until(id: string, wanted: (operation: Operation) => boolean): Promise<Operation> {
    let last: Operation | null = null;
    try {
      return await eventually(async () => {
        last = await this.world.operation(id);
        return wanted(last) ? last : null;
      }, this.patienceMs);
    } catch (error) {
      throw new Error(`${String(error)}: ${whereIs(last)}`, { cause: error });
    }
  }

  /** In its long migration: started there, and not done. */
  async inMigration(id: string): Promise<Operation> {
    return await this.until(id, ({ steps }) =>
      steps.some((step) => step.name === 'apply-migrations' && step.state === 'started'),
    );
  }

  async ended(id: string): Promise<Operation> {
    return await this.until(id, ({ state }) => hasEnded(state) || state === 'needs-operator');
  }

  /** SQL in the catalog's database, behind Berth's back; one row a line, columns divided by `|`. */
  async inCatalog(sql: string): Promise<string> {
    const client = new pg.Client({ connectionString: this.world.config.BERTH_CATALOG_URL });
    await client.connect();
    try {
      const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
      return rows.map((row) => row.join('|')).join('\n');
    } finally {
      await client.end();
    }
  }
}

/** For whoever reads why a test waited in vain. */
function whereIs(operation: Operation | null): string {
  if (operation === null) return 'it could not be read';
  const { kind, state, reason, steps } = operation;
  const step = steps.findLast((one) => one.state !== 'pending' && one.state !== 'undone');
  return `${kind} is ${state} (${reason ?? 'no reason'}), at ${JSON.stringify(step ?? null)}`;
}

/** Asks again until there is an answer; a question that fails meanwhile counts as none. */
export async function eventually<T>(ask: () => Promise<T | null>, timeoutMs = patienceMs): Promise<T> {
  const end = performance.now() + timeoutMs;
  let failure: unknown = null;
  while (performance.now() < end) {
    const answer = await ask().catch((error: unknown) => ((failure = error), null));
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`it did not come true within ${String(timeoutMs)} ms`, { cause: failure });
}
