import { type ClusterAccess, parseTenantId, placeOf, scramVerifier } from '@berth/domain';
import {
  accessTo,
  asTenant,
  FakeClusterDirectory,
  makeAuthority,
  makeTenantPlace,
  opensslPart,
  requireTls,
  startPostgres,
  type TestAuthority,
  type TestPostgres,
  whenAvailable,
} from '@berth/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PostgresTenantComparison } from '../comparison/postgres-tenant-comparison.js';
import { PostgresTenantCopy } from '../copy/postgres-tenant-copy.js';
import { runClientProgram } from '../copy/run-client-program.js';
import { CommandMigrations } from '../tenancy/command-migrations.js';
import { PostgresTenantDatabase } from '../tenancy/postgres-tenant-database.js';
import { PostgresClusterProbe } from '../tenancy/postgres-cluster-probe.js';
import { berthSchema } from './berth-schema.js';
import { ClusterConnections } from './cluster-connections.js';
import { withCaFile } from './tls.js';

const limits = { connectionLimit: 5, statementTimeoutMs: 0, idleInTransactionTimeoutMs: 0 };
const work = { signal: new AbortController().signal, onProgress: () => undefined };

/** Debian's servers have TLS; those of other versions in `BERTH_TEST_PG_BINS` may be built without. */
const major = 15;

whenAvailable(await opensslPart(), 'a server that speaks TLS alone', () => {
  let authority: TestAuthority;
  let stranger: TestAuthority;
  let server: TestPostgres;
  let plain: TestPostgres;
  let access: ClusterAccess;

  beforeAll(async () => {
    [authority, stranger, server, plain] = await Promise.all([
      makeAuthority(),
      makeAuthority('Somebody else'),
      startPostgres({ major }),
      startPostgres({ major }),
    ]);
    await requireTls(server, await authority.issue(['DNS:localhost', 'IP:127.0.0.1']));
    access = {
      ...accessTo(server, 'secured', await server.createDatabase()),
      sslMode: 'verify-full',
      ca: authority.ca,
    };
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), plain?.stop(), authority?.remove(), stranger?.remove()]);
  });

  const findingsFor = async (change: Partial<ClusterAccess>) => {
    const probe = new PostgresClusterProbe(new ClusterConnections(new FakeClusterDirectory()));
    const { findings } = await probe.check({ ...access, ...change });
    return findings;
  };
  const faultOf = async (change: Partial<ClusterAccess>) =>
    (await findingsFor(change))
      .filter(({ severity }) => severity === 'error')
      .map(({ code, message }) => [code, message]);

  it.each([
    ['verify-full', '127.0.0.1'],
    ['verify-full', 'localhost'],
    ['verify-ca', '127.0.0.1'],
    ['require', '127.0.0.1'],
  ] as const)('is reached by %s at %s', async (sslMode, host) => {
    const found = await findingsFor({ sslMode, host });
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(found.find(({ code }) => code === 'tls')?.message).toMatch(
      /encrypted by TLSv1\.[23] .*made out to localhost, 127\.0\.0\.1 by Berth test authority, until /,
    );
  });

  it('is refused with the wrong authority, in a sentence of its own', async () => {
    const untrusted = [
      ['cluster-tls', expect.stringMatching(/^The certificate of .* is not signed by a trusted authority\.$/)],
    ];
    expect(await faultOf({ ca: stranger.ca })).toEqual(untrusted);
    expect(await faultOf({ ca: stranger.ca, sslMode: 'verify-ca' })).toEqual(untrusted);
    const { ca: _ca, ...withPublicOnes } = access;
    const probe = new PostgresClusterProbe(new ClusterConnections(new FakeClusterDirectory()));
    expect((await probe.check(withPublicOnes)).findings).toMatchObject([{ code: 'cluster-tls', severity: 'error' }]);
  });

  it('is refused under another name, unless names are not asked for', async () => {
    const other = await startPostgres({ major });
    try {
      await requireTls(other, await authority.issue(['DNS:db.elsewhere.example'], 5));
      const at = { port: other.port, user: other.admin.user, password: other.admin.password, database: 'tenants' };
      expect(await faultOf(at)).toEqual([
        ['cluster-tls', expect.stringContaining('is made out to another name. IP: 127.0.0.1')],
      ]);
      const found = await findingsFor({ ...at, sslMode: 'verify-ca' });
      expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(found.find(({ code }) => code === 'tls-expiry')?.message).toContain('expires in');
    } finally {
      await other.stop();
    }
  });

  it('lets nobody in without TLS; and a plain server is refused where TLS is demanded', async () => {
    expect(await faultOf({ sslMode: 'disable' })).toEqual([
      ['cluster-tls', expect.stringContaining('lets nobody in without TLS')],
    ]);
    expect(await faultOf({ ...accessTo(plain, 'plain', 'postgres'), sslMode: 'verify-full' })).toEqual([
      ['cluster-tls', expect.stringContaining('speaks no TLS, and the ssl mode demands it')],
    ]);
  });

  it('takes a new tenant, and gives it to another such server by dump, with every row', async () => {
    const target = await startPostgres({ major });
    const dumps = await mkdtemp(path.join(tmpdir(), 'berth-tls-'));
    const directory = new FakeClusterDirectory();
    const connections = new ClusterConnections(directory, { accessKeptMs: 0 });
    try {
      await requireTls(target, await authority.issue(['IP:127.0.0.1']));
      const there = { ...accessTo(target, 'target', 'tenants'), sslMode: 'verify-full', ca: authority.ca } as const;
      const probe = new PostgresClusterProbe(connections);
      const database = new PostgresTenantDatabase(connections);
      const tenantId = parseTenantId('acme');
      const actor = { operationId: 'op-tls', tenantId, fence: 1 };
      for (const one of [{ ...access, database: 'tenants' }, there]) {
        directory.put(one);
        await probe.prepare(one);
        const place = placeOf(tenantId, one.clusterId, 'tenants');
        await database.create({ place, limits, logins: 'open', verifiers: { a: scramVerifier('test') } }, actor);
      }
      const from = placeOf(tenantId, access.clusterId, 'tenants');
      const to = placeOf(tenantId, 'target', 'tenants');
      await asTenant(
        server,
        from,
        'CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item SELECT i, i::text FROM generate_series(1, 500) i',
      );
      const copy = new PostgresTenantCopy({ connections, dumpsFolder: dumps, programsFor: async () => target.bin });
      await copy.dump(from, from.schema, work);
      await copy.restore(from.schema, to, actor, work);
      const report = await new PostgresTenantComparison(connections).compare(from, to, work);
      expect(report).toMatchObject({ equal: true, rows: 500 });
      directory.put({ ...there, ca: stranger.ca });
      await expect(copy.restore(from.schema, to, actor, work)).rejects.toMatchObject({ code: 'cluster-tls' });
    } finally {
      await connections.close();
      await target.stop();
      await rm(dumps, { recursive: true, force: true });
    }
  });

  it('refuses its programs a wrong authority as well', async () => {
    const withPgDump = (change: Partial<ClusterAccess>) =>
      withCaFile({ ...access, ...change }, (caFile) =>
        runClientProgram({
          ...{ ...caFile, program: `${server.bin}/pg_dump`, args: ['--schema-only'], applicationName: 'test' },
          ...{ access: { ...access, ...change }, database: 'postgres', signal: work.signal },
        }),
      );
    expect(await withPgDump({})).toContain('PostgreSQL database dump');
    await expect(withPgDump({ ca: stranger.ca })).rejects.toMatchObject({
      code: 'cluster-tls',
      message: expect.stringContaining('certificate verify failed'),
    });
    const { ca: _ca, ...withPublicOnes } = access;
    await expect(
      withCaFile(withPublicOnes, (caFile) =>
        runClientProgram({
          ...{ ...caFile, program: `${server.bin}/pg_dump`, args: [], applicationName: 'test' },
          ...{ access: withPublicOnes, database: 'postgres', signal: work.signal },
        }),
      ),
    ).rejects.toMatchObject({ message: expect.stringContaining('certificate verify failed') });
  });

  it('hands the authority to the command of the migrations, as a file that libpq reads', async () => {
    const schema = berthSchema.map(({ sql }) => sql);
    const open = await startPostgres({ major });
    const place = await makeTenantPlace(
      open,
      { clusterId: 'secured', database: await open.createDatabase(), tenantId: 'acme' },
      schema,
    );
    await requireTls(open, await authority.issue(['IP:127.0.0.1']));
    const reached = { ...accessTo(open, 'secured', place.database), sslMode: 'verify-full', ca: authority.ca } as const;
    const connections = new ClusterConnections(new FakeClusterDirectory([reached]));
    try {
      await new PostgresClusterProbe(connections).prepare(reached);
      const migrations = new CommandMigrations(connections, {
        command: ['sh', '-c', `${open.bin}/psql "$DATABASE_URL" -c 'CREATE TABLE by_command (id int)'`],
        release: '1',
        name: 'psql',
        cwd: '/',
        environment: { PATH: '/usr/bin:/bin' },
      });
      const actor = { operationId: 'op-migrate', tenantId: place.tenantId, fence: 1 };
      await migrations.apply(place, actor, { signal: new AbortController().signal, onApplied: () => undefined });
      expect(await open.psql(`SELECT count(*) FROM ${place.schema}.by_command`, place.database)).toBe('0');
    } finally {
      await connections.close();
      await open.stop();
    }
  });
});
