import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { scramVerifier } from '@berth/domain';
import { LocalServer } from './local-server.js';
import { findPostgresPrograms, type PostgresPrograms } from './programs.js';
import { runProgram } from './run-program.js';
import { createAdminLogin, runAsSuperuser } from './superuser.js';

const password = 'a clear password';

describe('the superuser of a local server', () => {
  let top: string;
  let programs: PostgresPrograms;
  let server: LocalServer;

  const logIn = async (user: string, secret: string) =>
    runProgram(path.join(programs.bin, 'psql'), ['-X', '-A', '-t', '-w', '-c', 'SELECT current_user'], {
      env: {
        PGHOST: '127.0.0.1',
        PGPORT: String((await server.status()).port),
        PGUSER: user,
        PGPASSWORD: secret,
        PGDATABASE: 'postgres',
      },
    });

  beforeAll(async () => {
    programs = await findPostgresPrograms({ path: process.env['PATH'] });
    top = await mkdtemp(path.join(tmpdir(), 'berth-superuser-'));
    await chmod(top, 0o711);
    server = new LocalServer({ folder: path.join(top, 'server'), programs });
    await server.create({ purpose: 'test' });
    await server.start({ lifetime: 'with-this-process', removeFolder: top });
  });

  afterAll(async () => {
    await server.destroy();
    await rm(top, { recursive: true, force: true });
  });

  it('lets a login in by the verifier that it was made with, and nobody as superuser over TCP', async () => {
    const verifier = scramVerifier(password);
    await createAdminLogin(server, { name: 'berth_admin', verifier });
    await createAdminLogin(server, { name: 'berth_admin', verifier, memberOf: ['pg_signal_backend'] });
    expect(await logIn('berth_admin', password)).toMatchObject({ code: 0, stdout: 'berth_admin\n' });
    expect((await logIn('berth_admin', 'another')).stderr).toContain('password authentication failed');
    expect((await logIn('postgres', password)).stderr).toContain('rejects connection');
    const rights = 'SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls';
    const ofAdmin = `${rights} FROM pg_roles WHERE rolname = 'berth_admin'`;
    expect(await runAsSuperuser(server, ofAdmin)).toBe('f|t|t|f|f\n');
    await createAdminLogin(server, { name: 'berth_admin', verifier, replication: true, bypassRls: true });
    expect(await runAsSuperuser(server, ofAdmin)).toBe('f|t|t|t|t\n');
    expect(await runAsSuperuser(server, `SELECT rolpassword FROM pg_authid WHERE rolname = 'berth_admin'`)).toBe(
      `${verifier}\n`,
    );
  });

  it('makes one admin login when many callers want it at once', async () => {
    const verifier = scramVerifier(password);
    await Promise.all(Array.from({ length: 5 }, () => createAdminLogin(server, { name: 'many', verifier })));
    expect(await runAsSuperuser(server, `SELECT count(*) FROM pg_roles WHERE rolname = 'many'`)).toBe('1\n');
  });

  it('keeps secrets out of the log and of errors when SQL with a secret fails', async () => {
    const secret = 'SCRAM-SHA-256$4096:c2VjcmV0';
    const error = await runAsSuperuser(server, `ALTER ROLE nobody_such PASSWORD '${secret}'`).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'local-server-failed', message: expect.stringContaining('nobody_such') });
    expect((error as Error).message).not.toContain(secret);
    expect(await readFile(path.join(top, 'server', 'log'), 'utf8')).not.toContain(secret);
  });

  it.each(['nonsense', "x'; DROP ROLE postgres; --"])('refuses %j as a verifier, and as a name', async (text) => {
    await expect(createAdminLogin(server, { name: 'berth_admin', verifier: text })).rejects.toMatchObject({
      code: 'local-server-failed',
    });
    const verifier = scramVerifier(password);
    await expect(createAdminLogin(server, { name: `${text} `, verifier })).rejects.toMatchObject({
      code: 'invalid-name',
    });
  });
});
