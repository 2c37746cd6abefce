import { BerthHome } from '@berth/testing';

interface Rotated {
  readonly ended: readonly { readonly tenantId: string; readonly ok: boolean; readonly state: string }[];
  readonly notBegun: readonly string[];
}

describe('berth secrets', () => {
  let home: BerthHome;
  const password = async (tenant: string): Promise<string> => {
    const shown = ['secrets', 'show', tenant, '--reveal', '--reason', 'a test'];
    return (await home.json<{ readonly password: string }>(shown)).password;
  };

  beforeAll(async () => {
    home = await BerthHome.create();
    await home.up();
    for (const id of ['ant', 'bee', 'cat']) {
      const run = await home.run(['tenants', 'create', id]);
      if (run.code !== 0) throw new Error(run.stderr);
    }
  });
  afterAll(() => home.remove());

  it('show: everything but the password, which takes a reason that the audit log keeps', async () => {
    const refused = await home.run(['secrets', 'show', 'ant', '--reveal']);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--reason')]);
    const revealed = await password('ant');
    const shown = await home.run(['secrets', 'show', 'ant']);
    expect(shown.stdout).toMatch(/tenant_ant__a, active since 20/);
    const all = (await home.run(['secrets', 'show', 'ant', '--json'])).stdout + shown.stdout;
    expect(all).not.toContain(revealed);
    const audit = (await home.run(['audit', 'list', '--json'])).stdout;
    expect(audit).toContain('tenants/ant/db: a test');
    expect(audit).not.toContain(revealed);
  });

  it('rotate: plans, then shows its steps live, and the password is another one', async () => {
    const before = await password('ant');
    const dry = await home.run(['secrets', 'rotate', 'ant', '--dry-run']);
    expect(dry.stdout).toMatch(/forget.*point of no return/i);
    expect(await password('ant')).toBe(before);
    const run = await home.run(['secrets', 'rotate', 'ant', '--settle', '0']);
    expect([run.code, run.stdout]).toEqual([0, expect.stringContaining('rotate-login of ant succeeded')]);
    expect(await password('ant')).not.toBe(before);
    expect((await home.run(['secrets', 'clients', 'ant'])).stdout).toContain('Nobody');
    expect(await home.run(['secrets', 'rotate'])).toMatchObject({ code: 2 });
    expect(await home.run(['secrets', 'rotate', 'ant', '--all'])).toMatchObject({ code: 2 });
  });

  it('rotate --all: ring after ring, stops at a failure with the tenants named, and goes on', async () => {
    const all = ['secrets', 'rotate', '--all', '--settle', '0', '--at-once', '1'];
    const youngOnes = await home.run([...all, '--older-than', '1h', '--dry-run']);
    expect(youngOnes.stdout + youngOnes.stderr).toContain('0 tenants in 0 rings');

    const move = ['moves', 'start', 'bee', '--to', 'dedicated', '--switch', 'manual'];
    expect((await home.run(move)).code).toBe(0);
    const stopped = await home.run([...all, '--rings', '1,2,100%', '--json']);
    expect(stopped.code).toBe(1);
    const { ended, notBegun } = JSON.parse(stopped.stdout) as Rotated;
    expect(ended.map(({ tenantId, state }) => [tenantId, state])).toEqual([
      ['ant', 'succeeded'],
      ['bee', 'operation-in-progress'],
    ]);
    expect(notBegun).toEqual(['cat']);
    expect(stopped.stderr).toContain('Not begun: cat');

    const rest = await home.json<Rotated>([...all, '--except', 'bee', '--except', 'ant']);
    expect(rest).toMatchObject({ ended: [{ tenantId: 'cat', ok: true }], notBegun: [] });
  });

  it('manifest: a VaultStaticSecret of that tenant, without its secret', async () => {
    const run = await home.run(['secrets', 'manifest', 'cat', '--namespace', 'shop', '--prefix', '/berth/']);
    expect(run.stdout).toContain('path: berth/tenants/cat/db\n');
    expect(run.stdout).toContain('namespace: shop\n');
    expect(run.stdout).not.toContain(await password('cat'));
    expect(await home.run(['secrets', 'manifest', 'nobody'])).toMatchObject({ code: 2 });
  });
});
