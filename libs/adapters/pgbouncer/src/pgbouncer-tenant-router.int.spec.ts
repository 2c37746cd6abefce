import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  describeTenantRouterContract,
  pgbouncerPart,
  startPgBouncer,
  whenAvailable,
  type TestPgBouncer,
} from '@berth/testing';
import { parseTenantId, type PoolerAccess } from '@berth/domain';
import pg from 'pg';
import { PgBouncerTenantRouter } from './pgbouncer-tenant-router.js';

/** A command on the console, past the adapter. */
async function command(access: PoolerAccess, text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { host, port, user, password } = access;
  const client = new pg.Client({ host, port, user, password, database: 'pgbouncer' });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

whenAvailable(pgbouncerPart, 'PgBouncer', () => {
  describeTenantRouterContract('of PgBouncer', async () => {
    const server: TestPgBouncer = await startPgBouncer();
    const { access } = server;
    return {
      router: new PgBouncerTenantRouter(),
      access,
      shown: async (alias) => {
        const rows = await command(access, 'SHOW DATABASES');
        const row = rows.find((one) => one['name'] === alias);
        if (row === undefined) return null;
        return { port: Number(row['port']), poolSize: Number(row['pool_size']), held: Number(row['paused']) === 1 };
      },
      holdByHand: async (alias) => void (await command(access, `PAUSE "${alias}"`)),
      kill: () => server.kill9(),
      restart: () => server.start(),
      freeze: () => server.freeze(),
      thaw: () => server.thaw(),
      loseFiles: () => server.loseFiles(),
      close: () => server.stop(),
    };
  });

  describe('PgBouncer', () => {
    const router = new PgBouncerTenantRouter();
    let server: TestPgBouncer;
    afterEach(() => server.stop());

    it('says which file is not read, and is left without what was tried', async () => {
      server = await startPgBouncer();
      const elsewhere = await mkdtemp(path.join(tmpdir(), 'berth-elsewhere-'));
      const access = { ...server.access, folder: elsewhere };
      const findings = await router.takeOver(access);
      expect(findings.map(({ code }) => code)).toEqual(['files-not-read', 'files-not-read']);
      expect(await readFile(path.join(elsewhere, 'berth-databases.ini'), 'utf8')).not.toContain('probe');
      await rm(elsewhere, { recursive: true });
    });

    it('is not believed when RELOAD answers and a file could not be read', async () => {
      server = await startPgBouncer();
      const { access } = server;
      const tenantId = parseTenantId('acme-corp');
      await chmod(access.folder, 0o700);
      const logins = [{ role: 'tenant_acme_corp__a', verifier: access.verifier }];
      const route = { tenantId, host: '127.0.0.1', port: 5001, database: 'tenants', poolSize: 1, logins };
      await expect(router.route(access, [{ tenantId, route }])).rejects.toMatchObject({ code: 'pooler-refused' });
      // Without rules it lets nobody in, Berth neither.
      await expect(router.route(access, [])).rejects.toMatchObject({ code: 'pooler-unreachable' });
      await chmod(access.folder, 0o750);
      server.hangUp();
      while ((await router.check(access, [])).some(({ code }) => code === 'pooler-unreachable'));
      expect((await router.drift(access, [route])).map((drift) => drift.tenantId)).toEqual([null]);
      await router.route(access, []);
      expect(await router.drift(access, [route])).toEqual([]);
    });

    it.each([
      [{ pool_mode: 'statement' }, 'statement-pooling'],
      [{ auth_type: 'scram-sha-256' }, 'auth-not-by-alias'],
      [{ ignore_startup_parameters: 'search_path' }, 'search-path-ignored'],
      [{ server_tls_sslmode: 'require' }, 'server-without-tls'],
    ])('with %j is refused by its checks: %s', async (settings, code) => {
      server = await startPgBouncer(settings);
      const clusters = [{ id: 'shared-1', sslMode: 'disable', postgresMajor: 15 }] as const;
      const errors = (await router.check(server.access, clusters)).filter(({ severity }) => severity === 'error');
      expect(errors.map((error) => error.code)).toEqual([code]);
    });

    it('leaves files that only its group may read, and none aside', async () => {
      server = await startPgBouncer();
      const { folder } = server.access;
      await router.takeOver(server.access);
      const names = (await readdir(folder)).sort();
      expect(names).toEqual(['berth-databases.ini', 'berth-hba.conf', 'berth-routes.json', 'berth-userlist.txt']);
      const modes = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).mode & 0o777));
      expect(modes.map((mode) => mode.toString(8))).toEqual(['640', '640', '600', '640']);
      expect(await readFile(path.join(folder, 'berth-userlist.txt'), 'utf8')).not.toContain(server.access.password);
    });

    it('reports a console that refuses the login, without the password', async () => {
      server = await startPgBouncer();
      const [finding] = await router.check({ ...server.access, password: 'wrong-password' }, []);
      expect(finding).toMatchObject({ code: 'pooler-unreachable', severity: 'error' });
      expect(JSON.stringify(finding)).not.toContain('wrong-password');
    });
  });
});
