import { readFile } from 'node:fs/promises';
import { attemptsBy, type TenantId } from '@berth/domain';
import { BerthHome, pgbouncerPart, startPgBouncer, whenAvailable, type TestPgBouncer } from '@berth/testing';
import { fill } from '../crash/tenant-data.js';
import { freshTenantId } from '../crash/world.js';
import { serveApi, type ServedApi } from './served-api.js';
import { WorkerWorld } from './worker-world.js';

interface Proofs {
  readonly items: readonly {
    readonly verdict: string;
    readonly report: {
      readonly counts: readonly { readonly refused: number; readonly reached: number; readonly notTried: number }[];
      readonly rows: readonly {
        readonly from: string;
        readonly to: string;
        readonly pooler: string | null;
        readonly others: readonly { readonly attempt: string; readonly verdict: string }[];
      }[];
    };
  }[];
}

whenAvailable(pgbouncerPart, 'berth prove isolation', () => {
  let here: WorkerWorld;
  let bouncer: TestPgBouncer;
  let api: ServedApi | undefined;
  let home: BerthHome;
  let tenants: readonly [TenantId, TenantId];
  let connection: readonly string[];

  beforeAll(async () => {
    home = await BerthHome.create();
    here = await WorkerWorld.open();
    bouncer = await startPgBouncer();
    await here.world.registerPooler('pool-1', bouncer);
    await here.worker();
    tenants = [freshTenantId(), freshTenantId()];
    for (const id of tenants) {
      expect(await here.ended(await here.provision('shared-1', id))).toMatchObject({ state: 'succeeded' });
      await fill(here.world, id);
    }
    api = await serveApi(here.world);
    connection = ['--api', api.url, '--key-file', await api.keyFile(['admin'])];
  });

  afterAll(async () => {
    await api?.stop();
    await here.close();
    await bouncer.stop();
    await home.remove();
  });

  const prove = async (...flags: readonly string[]) => {
    const run = await home.run(['prove', 'isolation', 'shared-1', ...flags, ...connection]);
    return { ...run, proof: flags.includes('--json') ? (JSON.parse(run.stdout) as Proofs).items[0] : undefined };
  };
  const sql = (text: string) => here.world.servers['shared-1']!.psql(text, 'tenants');

  it('is green where tenants are as they were made, by both ways, with every attempt of every pair counted', async () => {
    const { code, proof } = await prove('--json');
    expect([code, proof?.verdict, proof?.report.rows.flatMap(({ others }) => others)]).toEqual([0, 'isolated', []]);
    const all = proof!.report.counts.reduce((sum, one) => sum + one.refused + one.reached + one.notTried, 0);
    expect(all).toBe(2 * (attemptsBy(null).length + attemptsBy('pool-1').length));
  });

  it('is red by a right that somebody gave, names the pair, and keeps further tenants away until it is green again', async () => {
    const [one, other] = tenants;
    const [role, schema] = [one, other].map((id) => `tenant_${id.replaceAll('-', '_')}`) as [string, string];
    await sql(`GRANT USAGE ON SCHEMA ${schema} TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role}`);
    const page = home.file('isolation.html');
    const broken = await prove('--html', page);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toMatch(new RegExp(`reached +${one} → ${other}, directly, select: `));
    expect(broken.stdout).toMatch(new RegExp(`reached +${one} → ${other}, pooler pool-1, select: `));
    expect(broken.stdout).not.toMatch(new RegExp(`reached +${other} → `));
    expect(await readFile(page, 'utf8')).toContain('<td class="reached">');

    const create = ['tenants', 'create', 'late-comer', '--cluster', 'shared-1', ...connection, '--json'];
    const refused = await home.run(create);
    expect([refused.code, refused.stdout]).toEqual([2, expect.stringContaining('"code": "isolation-broken"')]);
    expect(refused.stderr).toContain('berth prove isolation shared-1 --show');

    await sql(`REVOKE ALL ON SCHEMA ${schema} FROM ${role}; REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${role}`);
    const shown = await prove('--show', '--json');
    expect([shown.code, shown.proof?.verdict]).toEqual([1, 'broken']);
    expect((await prove('--json')).proof?.verdict).toBe('isolated');
    expect((await home.run([...create, '--dry-run'])).code).toBe(0);
  });

  it('answers a file that cannot be written before it asks for anything', async () => {
    const run = await prove('--html', home.file('nowhere/page.html'));
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining('cannot be written')]);
  });
});
