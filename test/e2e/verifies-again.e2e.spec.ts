import { BerthHome, postgresMajors, whenAvailable } from '@berth/testing';
import { moveTo, readyTenant, toSecond } from '../crash/scenarios/tenants.js';
import { write } from '../crash/tenant-data.js';
import { World } from '../crash/world.js';
import { serveApi, type ServedApi } from './served-api.js';
import { eventually } from './worker-world.js';

const newest = Math.max(0, ...(await postgresMajors()).map(({ major }) => major));
const missing = newest >= 16 ? undefined : '16 or newer is not here (BERTH_TEST_PG_BINS names bin folders)';

interface Plan {
  readonly steps: readonly { readonly name: string }[];
  readonly findings: readonly { readonly code: string; readonly severity: string }[];
  readonly wouldStart: boolean;
}

whenAvailable({ name: 'PostgreSQL', missing }, 'a move that waits for its switch', () => {
  let world: World;
  let api: ServedApi;
  let home: BerthHome;
  let connection: readonly string[];
  beforeAll(async () => {
    home = await BerthHome.create();
    world = await World.open({}, {}, { major: newest, replication: true });
    api = await serveApi(world);
    connection = ['--api', api.url, '--key-file', await api.keyFile(['admin'])];
  });
  afterAll(async () => {
    await api?.stop();
    await world?.close();
    await home?.remove();
  });

  const moves = (...words: readonly string[]) => home.run(['moves', ...words, ...connection]);
  const planned = async (verb: string, id: string) => {
    const { code, stdout } = await moves(verb, id, '--dry-run', '--json');
    return { code, plan: JSON.parse(stdout) as Plan };
  };

  it('was compared when it says so, is compared again by command, and shows what each verb would do', async () => {
    const tenantId = await readyTenant(world);
    const { id } = await world.desk.start(moveTo(tenantId, toSecond, 'manual', 'online'), 'test');
    const ended = world.runToEnd(id);
    const first = await eventually(async () => {
      const move = await world.tools.moves.get(id);
      return move?.state === 'ready' ? move : null;
    }, 120_000);
    expect(first).toMatchObject({ comparison: { equal: true }, verifyRequestedAt: null });
    await write(world, tenantId, 'one more');

    for (const verb of ['verify', 'switch', 'cancel']) {
      const { code, plan } = await planned(verb, id);
      expect([verb, code, plan.wouldStart]).toEqual([verb, 0, true]);
      expect(plan.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    }
    expect((await planned('switch', id)).plan.steps.map(({ name }) => name)).toContain('switch-over');
    expect((await planned('verify', id)).plan.findings.map(({ code }) => code)).toContain('stream-backlog');

    const verified = await moves('verify', id);
    expect([verified.code, verified.stderr.includes('✗')]).toEqual([0, false]);
    expect(verified.stdout).toMatch(/^Compared \d+ rows .*: equal, /);
    const again = await world.tools.moves.get(id);
    expect(again).toMatchObject({ state: 'ready', verifyRequestedAt: null, switchRequestedAt: null });
    expect(again?.comparison?.rows).toBeGreaterThan(first.comparison?.rows ?? Number.NaN);
    expect((await moves('status', id)).stdout).toMatch(/ready/);

    await world.desk.requestSwitch(id);
    expect(await ended).toMatchObject({ state: 'succeeded', error: null });
    const late = await moves('verify', id);
    expect([late.code, late.stderr]).toEqual([2, expect.stringContaining('is not compared now')]);
  });

  it('says at the end of a cancelled one what was looked for on both servers, and is gone', async () => {
    const { id } = await world.desk.start(moveTo(await readyTenant(world), toSecond, 'manual', 'online'), 'test');
    const ended = world.runToEnd(id);
    await eventually(async () => (await world.tools.moves.get(id))?.state === 'ready' || null, 120_000);
    const cancelled = await moves('cancel', id);
    expect(cancelled.stdout).toMatch(/^Read back: nothing is left on shared-1, shared-2 \(.*stream.*\), at /m);
    expect(await ended).toMatchObject({ state: 'cancelled' });
  });
});
