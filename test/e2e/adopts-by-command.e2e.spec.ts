import { writeFile } from 'node:fs/promises';
import { BerthHome, makeSchemaByHand, startPostgres, type TestPostgres } from '@berth/testing';

interface Plan {
  readonly wouldStart: boolean;
  readonly findings: readonly { readonly code: string; readonly severity: string }[];
}

describe('berth tenants adopt', () => {
  let home: BerthHome;
  let server: TestPostgres;

  beforeAll(async () => {
    [home, server] = await Promise.all([BerthHome.create(), startPostgres()]);
    const up = await home.run(['up', '--detach']);
    if (up.code !== 0) throw new Error(up.stderr);
    // A server of the product's, from long before, with its own database.
    await server.psql(`CREATE DATABASE product OWNER ${server.admin.user}`);
    await makeSchemaByHand(server, { database: 'product', schema: 'legacy_acme', prefix: 'acme' });
    await writeFile(home.file('admin.pw'), server.admin.password, { mode: 0o600 });
    const where = ['--host', server.host, '--port', String(server.port), '--database', 'product'];
    const login = ['--ssl-mode', 'disable', '--user', server.admin.user, '--password-file', home.file('admin.pw')];
    const registered = await home.run(['clusters', 'register', 'old-1', ...where, ...login]);
    if (registered.code !== 0) throw new Error(registered.stdout + registered.stderr);
  });
  afterAll(async () => {
    await home.remove();
    await server.stop();
  });

  const adopt = ['tenants', 'adopt', 'acme-corp', '--schema', 'legacy_acme', '--cluster', 'old-1'];

  it('shows every object, and what refuses, before anything is done', async () => {
    const plan = await home.json<Plan>([...adopt, '--dry-run']);
    expect(plan.wouldStart).toBe(true);
    expect(plan.findings.filter(({ code }) => code === 'owner-changes').length).toBeGreaterThan(80);
    const shown = await home.run([...adopt, '--dry-run']);
    expect(shown.stdout).toContain('table legacy_acme.t01: It belongs to acme_app and goes to tenant_acme_corp.');
    expect(shown.stdout).toContain('Nothing was done');
    const wrong = await home.run([...adopt.slice(0, 4), 'nowhere', '--cluster', 'old-1']);
    expect([wrong.code, wrong.stderr]).toEqual([
      expect.any(Number),
      expect.stringContaining('There is no schema nowhere'),
    ]);
    expect(wrong.code).not.toBe(0);
    expect((await home.run(['tenants', 'adopt', 'acme-corp'])).stderr).toContain('--schema');
  });

  it('comes back when the tenant is on trial, and tells how to go on and how to go back', async () => {
    const run = await home.run(adopt);
    expect([run.code, run.stdout]).toEqual([
      0,
      expect.stringMatching(/on trial.*\n?Keep it: berth operations confirm \S+\nGo back: berth operations cancel/s),
    ]);
    const shown = await home.run(['tenants', 'show', 'acme-corp']);
    expect(shown.stdout).toMatch(/schema legacy_acme/);
    expect(shown.stdout).toMatch(/To keep it:.*berth operations confirm/);
    const [, id = ''] = /operations cancel (\S+)/.exec(run.stdout) ?? [];
    expect((await home.run(['operations', 'cancel', id])).code).toBe(0);
    const owners = await server.psql(
      `SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'legacy_acme' ORDER BY 1`,
      'product',
    );
    expect(owners.split('\n')).toEqual(['acme_app', 'acme_etl', 'acme_ops']);
  });

  it('keeps it when it is confirmed; the drift report is empty, and the audit log has both words', async () => {
    const { id } = await home.json<{ readonly id: string }>(adopt);
    const confirmed = await home.run(['operations', 'confirm', id]);
    expect([confirmed.code, confirmed.stderr]).toEqual([0, expect.anything()]);
    expect(confirmed.stdout).toContain('succeeded');
    const drift = await home.json<Plan>(['tenants', 'repair', 'acme-corp', '--dry-run']);
    expect(drift.findings).toEqual([]);
    const log = await home.run(['audit', 'list']);
    expect(log.stdout).toContain('adopt-tenant');
    expect(log.stdout).toContain('confirm-operation');
    expect((await home.run(['operations', 'confirm', id])).code).not.toBe(0);
  });
});
