import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { scramVerifier } from '@berth/domain';
import {
  LocalServer,
  createAdminLogin,
  findPostgresPrograms,
  listPostgresPrograms,
  loopback,
  runAsSuperuser,
} from '@berth/local-postgres';
import type { PostgresPrograms, Settings } from '@berth/local-postgres';
import { Client } from 'pg';
import type { TestPart } from './when-available.js';

export interface StartPostgresOptions {
  /** One of postgresMajors(); default: what a search finds first. */
  readonly major?: number;
  /** A folder of programs; wins over major. */
  readonly bin?: string;
  /** On top of the settings of a test server. */
  readonly settings?: Settings;
  /** In which it makes its own; default: the system's for what is temporary. */
  readonly folder?: string;
  /** Lets the admin use logical replication, which the weakest admin of Berth may not. */
  readonly replication?: boolean;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A real PostgreSQL server, alone for one test file. It ends with the Jest process, however that ends. */
export interface TestPostgres {
  readonly host: string;
  readonly port: number;
  readonly bin: string;
  readonly major: number;
  /** CREATEROLE CREATEDB and no superuser, as in production. */
  readonly admin: Login;
  /** For what a test must do behind Berth's back. */
  readonly superuser: Login;
  adminUrl(database?: string): string;
  superuserUrl(database?: string): string;
  /** A new empty database with a random name, owned by the admin. */
  createDatabase(): Promise<string>;
  /** Runs SQL as the superuser, each statement by itself; one row a line, columns divided by `|`, as psql does. */
  psql(sql: string, database?: string): Promise<string>;
  /** Kills the server's first process as a crash would; its children end by themselves. */
  kill9(): Promise<void>;
  /** Starts it again after kill9 or halt, on the same port when nobody took it. */
  start(): Promise<void>;
  /** Stops it cleanly and keeps the data, for `start`. */
  halt(): Promise<void>;
  /** Stops it and removes everything. */
  stop(): Promise<void>;
}

/** Bin folders of the majors that tests can run on: BERTH_TEST_PG_BINS and what is installed, newest first. */
export async function postgresMajors(): Promise<readonly PostgresPrograms[]> {
  const offered = await Promise.all(
    (process.env['BERTH_TEST_PG_BINS'] ?? '')
      .split(path.delimiter)
      .filter((bin) => bin !== '')
      .map((explicit) => findPostgresPrograms({ explicit })),
  );
  const installed = await listPostgresPrograms({ path: process.env['PATH'] });
  const others = installed.filter(({ major }) => !offered.some((one) => one.major === major));
  return [...offered, ...others].sort((left, right) => right.major - left.major);
}

/** A version as a part that a machine may lack, for {@link whenAvailable}. */
export async function postgresParts(): Promise<(major: number) => TestPart> {
  const here = new Set((await postgresMajors()).map(({ major }) => major));
  return (major) => ({
    name: `PostgreSQL ${String(major)}`,
    missing: here.has(major) ? undefined : `${String(major)} is not here (BERTH_TEST_PG_BINS names bin folders)`,
  });
}

async function programsFor({ bin, major }: StartPostgresOptions): Promise<PostgresPrograms> {
  if (bin !== undefined) return findPostgresPrograms({ explicit: bin });
  if (major === undefined)
    return findPostgresPrograms({ explicit: process.env['BERTH_PG_BIN'], path: process.env['PATH'] });
  const all = await postgresMajors();
  const found = all.find((programs) => programs.major === major);
  if (found !== undefined) return found;
  const present = all.map((programs) => programs.major).join(', ');
  throw new Error(
    `PostgreSQL ${String(major)} is not here (only ${present}); name its bin folder in BERTH_TEST_PG_BINS`,
  );
}

/**
 * Starts a server for one test file: call it in beforeAll, and `stop` in afterAll.
 *
 * Every server comes from an initdb of its own. A copied template would save 0.4 s, but all copies would share one system
 * identifier, and Berth tells clusters apart by it.
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<TestPostgres> {
  const programs = await programsFor(options);
  // The server's user must pass through this folder; what it holds is 0700.
  const top = await mkdtemp(path.join(options.folder ?? tmpdir(), 'berth-pg-'));
  await chmod(top, 0o711);
  try {
    const server = new LocalServer({ folder: path.join(top, 'server'), programs });
    await server.create({ purpose: 'test', ...(options.settings === undefined ? {} : { settings: options.settings }) });
    return await TestServer.start(top, server, programs, options.replication === true);
  } catch (error) {
    await rm(top, { recursive: true, force: true });
    throw error;
  }
}

/** Values as the server writes them: `t` for true, nothing for NULL. */
const asPrinted = { getTypeParser: () => (text: string) => text };

class TestServer implements TestPostgres {
  readonly host = loopback;
  readonly admin: Login = { user: 'berth_admin', password: randomBytes(12).toString('hex') };
  readonly superuser: Login = { user: 'test_superuser', password: randomBytes(12).toString('hex') };
  private currentPort = 0;

  private constructor(
    private readonly top: string,
    private readonly server: LocalServer,
    private readonly programs: PostgresPrograms,
  ) {}

  static async start(
    top: string,
    server: LocalServer,
    programs: PostgresPrograms,
    replication: boolean,
  ): Promise<TestServer> {
    const test = new TestServer(top, server, programs);
    await test.start();
    const { superuser, admin } = test;
    await createAdminLogin(server, { name: admin.user, verifier: scramVerifier(admin.password), replication });
    const verifier = scramVerifier(superuser.password);
    await runAsSuperuser(server, `CREATE ROLE ${superuser.user} LOGIN SUPERUSER PASSWORD '${verifier}'`);
    return test;
  }

  get port(): number {
    return this.currentPort;
  }

  get bin(): string {
    return this.programs.bin;
  }

  get major(): number {
    return this.programs.major;
  }

  adminUrl(database = 'postgres'): string {
    return this.url(this.admin, database);
  }

  superuserUrl(database = 'postgres'): string {
    return this.url(this.superuser, database);
  }

  async createDatabase(): Promise<string> {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await this.psql(`CREATE DATABASE ${name} OWNER ${this.admin.user}`);
    return name;
  }

  // To start a program from a large test process takes ten times as long as to connect; but only the program takes a script apart.
  async psql(sql: string, database = 'postgres'): Promise<string> {
    const isScript = /;\s*\S/.test(sql);
    return isScript ? (await runAsSuperuser(this.server, sql, database)).trimEnd() : await this.query(sql, database);
  }

  private async query(sql: string, database: string): Promise<string> {
    const client = await this.connect(database);
    try {
      const { rows } = await client.query<(string | null)[]>({ text: sql, rowMode: 'array', types: asPrinted });
      return rows
        .map((row) => row.join('|'))
        .join('\n')
        .trimEnd();
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** With TLS when the server lets nobody in without, as libpq does by itself. */
  private async connect(database: string, tls = false): Promise<Client> {
    const ssl = tls && { rejectUnauthorized: false };
    const client = new Client({ connectionString: this.superuserUrl(database), application_name: 'psql', ssl });
    client.on('error', () => undefined); // The query that it ends fails too, and tells it.
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (tls || !String(error).includes('no encryption')) throw error;
      return this.connect(database, true);
    }
  }

  async kill9(): Promise<void> {
    const { pid } = await this.server.status();
    if (pid === undefined) throw new Error('the server does not run, so it cannot be killed');
    process.kill(pid, 'SIGKILL');
    while ((await this.server.status()).pid === pid) await new Promise((resolve) => setImmediate(resolve));
  }

  async start(): Promise<void> {
    const { port } = await this.server.start({ lifetime: 'with-this-process', removeFolder: this.top });
    this.currentPort = port;
  }

  async halt(): Promise<void> {
    await this.server.stop();
  }

  async stop(): Promise<void> {
    await this.server.destroy();
    await rm(this.top, { recursive: true, force: true });
  }

  private url({ user, password }: Login, database: string): string {
    return `postgres://${user}:${password}@${this.host}:${String(this.port)}/${database}`;
  }
}
