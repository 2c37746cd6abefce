import { tenantsDatabase, type TenantId } from '@berth/domain';
import type { OperationRequest } from '@berth/operations';
import pg from 'pg';
import { fill, secretOf, write } from '../crash/tenant-data.js';
import { freshTenantId, World } from '../crash/world.js';
import { before, perform } from './run-operation.js';

/** What no dump of a schema holds, and what a drop of the schema takes along: neither is ever dropped in silence. */
describe('what is in no dump', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());

  const tenant = async () => {
    const tenantId = freshTenantId();
    const plan = await world.planOfTier('shared');
    const provision = { kind: 'provision-tenant', tenantId, plan, constraints: { labels: {} } } as const;
    await world.perform({ ...provision, clusterId: 'shared-1' });
    await fill(world, tenantId);
    const place = (await world.tools.placements.current(tenantId))!;
    return { tenantId, place };
  };
  const onSource = (sql: string) => world.servers['shared-1']!.psql(sql, tenantsDatabase);
  /** Any login of a tenant may make them: its own connection string is enough. */
  const makeLargeObjects = async (tenantId: TenantId) => {
    const client = new pg.Client({ connectionString: (await secretOf(world, tenantId)).url });
    await client.connect();
    await client.query(`SELECT lo_from_bytea(0, 'kept in no table') FROM generate_series(1, 3)`);
    await client.end();
  };
  const largeObjectsOf = ({ ownerRole }: { readonly ownerRole: string }) =>
    onSource(`SELECT count(*) FROM pg_largeobject_metadata WHERE lomowner = '${ownerRole}'::regrole`);
  const removal = (tenantId: TenantId) => ({ kind: 'remove-tenant', tenantId, reason: 'over' }) as const;
  const relocation = (tenantId: TenantId) =>
    ({
      kind: 'move-tenant',
      tenantId,
      target: { tier: 'shared', clusterId: 'shared-2' },
      strategy: 'dump',
      switchMode: 'auto',
    }) as const;
  const refused = async (request: OperationRequest, code: string, message: RegExp) => {
    const finding = { code, severity: 'error', message: expect.stringMatching(message) as string };
    expect((await world.desk.plan(request)).findings).toContainEqual(expect.objectContaining(finding));
    await expect(world.desk.start(request, 'test')).rejects.toMatchObject({ code: 'preflight-failed' });
  };
  const failedFor = (message: RegExp) => ({
    state: 'failed',
    error: { code: 'preflight-failed', message: expect.stringMatching(message) as string },
  });

  it('large objects: a removal is refused, and works when they are gone', async () => {
    const { tenantId, place } = await tenant();
    await makeLargeObjects(tenantId);
    await refused(removal(tenantId), 'large-objects', /There are 3 large objects of tenant_/);
    await onSource(`SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE lomowner = '${place.ownerRole}'::regrole`);
    expect(await world.perform(removal(tenantId))).toMatchObject({ state: 'succeeded' });
  });

  it('large objects that came after the plan: the removal goes back, they are there, and the tenant works on', async () => {
    const { tenantId, place } = await tenant();
    const ended = await perform(
      world,
      removal(tenantId),
      before('close-logins', () => makeLargeObjects(tenantId)),
    );
    expect(ended).toMatchObject(failedFor(/There are 3 large objects/));
    expect(ended.steps.find(({ name }) => name === 'decide-removal')).toMatchObject({ state: 'pending' });
    expect(await largeObjectsOf(place)).toBe('3');
    await write(world, tenantId, 'works on');
  });

  it('large objects that came just before the fence: the move goes back', async () => {
    const { tenantId, place } = await tenant();
    const ended = await perform(
      world,
      relocation(tenantId),
      before('arm-fence', () => makeLargeObjects(tenantId)),
    );
    expect(ended).toMatchObject(failedFor(/There are 3 large objects/));
    expect(await largeObjectsOf(place)).toBe('3');
    await write(world, tenantId, 'works on');
  });

  it('large objects and a view of another schema at the old place: completing is refused, before and in its dump', async () => {
    const { tenantId, place } = await tenant();
    const { id: moveId } = await world.perform(relocation(tenantId));
    const completion = { kind: 'complete-move', moveId } as const;
    const makeOne = `SELECT lo_from_bytea(424242, 'late'); ALTER LARGE OBJECT 424242 OWNER TO ${place.ownerRole}`;
    const late = await perform(
      world,
      completion,
      before('dump-finally', async () => void (await onSource(makeOne))),
    );
    expect(late).toMatchObject(failedFor(/There are 1 large objects/));
    await refused(completion, 'large-objects', /There are 1 large objects/);
    expect(await world.tools.moves.get(moveId)).toMatchObject({ state: 'switched' });
    await onSource(`SELECT lo_unlink(424242); CREATE VIEW public.report AS SELECT name FROM ${place.schema}.port`);
    await refused(completion, 'needed-by-other-schema', /public\.report.*port/);
    expect(await onSource('SELECT count(*) FROM public.report')).toBe('20');
    await onSource('DROP VIEW public.report');
    expect(await world.perform(completion)).toMatchObject({ state: 'succeeded' });
    expect(await world.tools.database.leftovers(place)).toEqual([]);
  });

  it('a view of another schema that reads the tenant: a removal names it and leaves it alone', async () => {
    const { tenantId, place } = await tenant();
    await onSource(`CREATE VIEW public.harbour AS SELECT name FROM ${place.schema}.port`);
    await refused(removal(tenantId), 'needed-by-other-schema', /public\.harbour.*port/);
    await onSource('DROP VIEW public.harbour');
    const ended = await perform(
      world,
      removal(tenantId),
      before(
        'dump-finally',
        async () => void (await onSource(`CREATE VIEW public.harbour AS SELECT name FROM ${place.schema}.port`)),
      ),
    );
    expect(ended).toMatchObject(failedFor(/public\.harbour/));
    expect(await onSource('SELECT count(*) FROM public.harbour')).toBe('20');
    await write(world, tenantId, 'works on');
    await onSource('DROP VIEW public.harbour');
  });
});
