import { type Actor, parseTenantId, type Place, placeOf } from '@berth/domain';
import type { AppliedMigration } from '@berth/ports';
import { accessTo, FakeClusterDirectory, startPostgres, type TestPostgres } from '@berth/testing';
import { ClusterConnections } from '../connection/index.js';
import { CommandMigrations, type CommandMigrationsOptions } from './command-migrations.js';
import { PostgresClusterProbe } from './postgres-cluster-probe.js';
import { PostgresTenantDatabase } from './postgres-tenant-database.js';

let server: TestPostgres;
let connections: ClusterConnections;
let place: Place;
let count = 0;

beforeAll(async () => {
  server = await startPostgres();
  const access = accessTo(server, 'shared-1', 'tenants');
  connections = new ClusterConnections(new FakeClusterDirectory([access]));
  await new PostgresClusterProbe(connections).prepare(access);
});
afterAll(async () => {
  await connections.close();
  await server.stop();
});
beforeEach(async () => {
  count += 1;
  place = placeOf(parseTenantId(`commanded-${count}`), 'shared-1', 'tenants');
  await new PostgresTenantDatabase(connections).converge(wanted(), actor());
});

const limits = { connectionLimit: 5, statementTimeoutMs: 0, idleInTransactionTimeoutMs: 0 };
const wanted = () => ({ place, limits, verifiers: {}, logins: 'open' as const });
const actor = (): Actor => ({ operationId: 'op-1', tenantId: place.tenantId, fence: 1 });

function command(
  program: readonly [string, ...string[]],
  more: Partial<CommandMigrationsOptions> = {},
): CommandMigrations {
  const environment = { PATH: `${server.bin}:/usr/bin:/bin`, HOME: '/' };
  return new CommandMigrations(connections, {
    command: program,
    name: 'product',
    release: '1.0',
    cwd: '/',
    environment,
    ...more,
  });
}

function apply(
  migrations: CommandMigrations,
  signal = new AbortController().signal,
): Promise<readonly AppliedMigration[]> {
  return migrations.apply(place, actor(), { signal, onApplied: () => undefined });
}

const psql = (sql: string): readonly [string, ...string[]] => [
  '/bin/sh',
  '-c',
  `psql "$DATABASE_URL" -X -v ON_ERROR_STOP=1 -c '${sql}'`,
];
const loginsLeft = (): Promise<string> =>
  server.psql(`SELECT count(*) FROM pg_roles WHERE rolname = '${place.ownerRole}__m'`);

it('runs the command as the owner inside the schema, once a release', async () => {
  const first = command(psql('CREATE TABLE thing (id serial PRIMARY KEY)'));
  expect(await apply(first)).toMatchObject([{ version: 'product@1.0' }]);
  expect(await apply(first)).toEqual([]);
  expect(await server.psql(`SELECT schemaname, tableowner FROM pg_tables WHERE tablename = 'thing'`, 'tenants')).toBe(
    `${place.schema}|${place.ownerRole}`,
  );
  expect(await loginsLeft()).toBe('0');
  expect(await apply(command(psql('CREATE TABLE more (id int)'), { release: '1.1' }))).toMatchObject([
    { version: 'product@1.1' },
  ]);
  expect(await first.applied(place)).toHaveLength(2);
  expect(await new PostgresTenantDatabase(connections).inspect(wanted())).toEqual([]);
});

it('tells how the command failed, without the password of its login', async () => {
  const failing = command(['/bin/sh', '-c', 'echo "cannot migrate $DATABASE_URL" >&2; exit 3']);
  const error = await apply(failing).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'migration-failed',
    message: expect.stringContaining('ended with 3: cannot migrate <url>'),
  });
  expect(await loginsLeft()).toBe('0');
  expect(await failing.applied(place)).toEqual([]);
});

it('says when the command is not there', async () => {
  await expect(apply(command(['/nowhere/migrate']))).rejects.toMatchObject({
    code: 'migration-failed',
    message: expect.stringContaining('ENOENT'),
  });
});

it('passes nothing of its own environment on', async () => {
  const printing = command(['/bin/sh', '-c', 'env | cut -d= -f1 | sort | tr "\\n" " "; exit 1']);
  await expect(apply(printing)).rejects.toThrow(/: BERTH_SCHEMA DATABASE_URL HOME PATH PWD( \w+)?$/);
});

it.each([
  ['stops', 'trap "exit 0" TERM; '],
  ['kills', 'trap "" TERM; '],
])('%s a command that is cancelled, and takes its login away', async (_what, trap) => {
  const sleeping = `${trap}psql "$DATABASE_URL" -X -c "SELECT pg_sleep(60)" & wait; wait`;
  const abort = new AbortController();
  const run = apply(command(['/bin/sh', '-c', sleeping], { graceMs: 300 }), abort.signal);
  const sessions = `SELECT count(*) FROM pg_stat_activity WHERE usename = '${place.ownerRole}__m'`;
  while ((await server.psql(sessions)) !== '1') await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  await expect(run).rejects.toMatchObject({ code: 'cancelled' });
  expect(await loginsLeft()).toBe('0');
});
