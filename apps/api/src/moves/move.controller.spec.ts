import { parseTenantId } from '@berth/domain';
import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let catalog: InMemoryCatalog;
let desk: FakeOperationDesk;
let api: TestApi;
let moveId: string;

beforeEach(async () => {
  catalog = new InMemoryCatalog();
  desk = new FakeOperationDesk(catalog);
  api = await startTestApi({
    ...catalog,
    desk,
    probe: new FakeClusterProbe(),
    queue: new FakeJobQueue(),
    secrets: new FakeSecretStore(),
  });
  const made = await api.call('POST', '/v1/tenants', { body: { id: 'mover', plan: 'starter' } });
  await finish(String(made.body['id']));
  await catalog.tenants.transition(parseTenantId('mover'), { from: ['provisioning'], to: 'ready', reason: null });
  const body = { target: { tier: 'dedicated' }, strategy: 'dump', switch: 'manual' };
  const moved = await api.call('POST', '/v1/tenants/mover/moves', { body });
  expect(moved.status).toBe(202);
  moveId = String(moved.body['id']);
});
afterEach(() => api.close());

async function finish(operationId: string): Promise<void> {
  const claim = await catalog.journal.claim(operationId, { owner: 'test', leaseMs: 60_000 });
  if (claim.kind !== 'claimed') throw new Error(`the operation is ${claim.kind}`);
  await catalog.journal.settle(claim.operation.lease, { state: 'succeeded', result: {} });
}

describe('a move', () => {
  it('is not sent to a cluster by name with a key that is bound to a tenant, whether the cluster exists or not', async () => {
    const key = await api.keyWith({ scopes: ['moves:write'], tenantId: 'mover' });
    for (const clusterId of ['dedicated-somebody-else-g2', 'nowhere']) {
      const body = { target: { tier: 'shared', clusterId }, strategy: 'dump', switch: 'auto' };
      const reply = await api.call('POST', '/v1/tenants/mover/moves?dryRun=true', { key, body });
      expect([reply.status, reply.body['code']]).toEqual([403, 'forbidden']);
    }
  });

  const unlimited = { maxBytesPerSecond: null, yields: false };
  it.each([
    [{ maxBytesPerSecond: 5_000_000 }, { maxBytesPerSecond: 5_000_000 }],
    [{ maxStandbyLagBytes: 2_097_152 }, { maxStandbyLagBytes: 2_097_152 }],
    [{ maxStandbyLagBytes: 'unlimited' }, { maxStandbyLagBytes: null }],
    [{ maxBytesPerSecond: 'unlimited' }, { ...unlimited, maxStandbyLagBytes: null }],
    [
      { maxBytesPerSecond: 'unlimited', maxStandbyLagBytes: 2_097_152 },
      { ...unlimited, maxStandbyLagBytes: 2_097_152 },
    ],
  ])('gives way as it is told: %j', async (limits, streamLimits) => {
    const body = { target: { tier: 'dedicated' }, strategy: 'online', switch: 'auto', ...limits };
    expect((await api.call('POST', '/v1/tenants/mover/moves?dryRun=true', { body })).status).toBe(200);
    expect(desk.requests.at(-1)).toMatchObject({ streamLimits });
  });

  it('takes no limit that a standby which is well would pass', async () => {
    const body = { target: { tier: 'dedicated' }, strategy: 'online', switch: 'auto', maxStandbyLagBytes: 1_000 };
    const reply = await api.call('POST', '/v1/tenants/mover/moves?dryRun=true', { body });
    expect([reply.status, reply.body['code']]).toEqual([400, 'invalid-request']);
  });

  it('is shown, and listed while it is open', async () => {
    const shown = await api.call('GET', `/v1/moves/${moveId}`);
    expect(shown.body).toMatchObject({
      id: moveId,
      tenantId: 'mover',
      direction: 'promote',
      switch: 'manual',
      state: 'preflight',
    });
    expect((await api.call('GET', '/v1/moves?open=true&tenantId=mover')).body['items']).toHaveLength(1);
    await catalog.moves.transition(moveId, { from: ['preflight'], to: 'cancelled' });
    expect((await api.call('GET', '/v1/moves?open=true')).body['items']).toEqual([]);
    expect((await api.call('GET', '/v1/moves')).body['items']).toHaveLength(1);
  });

  it('tells how far it is, and says nothing of what it does not know', async () => {
    const progress = async () => (await api.call('GET', `/v1/moves/${moveId}`)).body['progress'];
    expect(await progress()).toBeNull();
    const claim = await catalog.journal.claim(moveId, { owner: 'test', leaseMs: 60_000 });
    if (claim.kind !== 'claimed') throw new Error(`the operation is ${claim.kind}`);
    const { lease, steps } = claim.operation;
    const step = steps[0]?.name ?? '';
    await catalog.journal.recordStep(lease, step, { kind: 'started' });
    const unknown = { tables: null, rows: null, bytes: null, secondsLeft: null };
    const begun = {
      step,
      ...unknown,
      lag: null,
      retained: null,
      verifiedAt: null,
      verificationAgeSeconds: null,
      trouble: null,
    };
    expect(await progress()).toEqual(begun);
    await catalog.journal.recordStep(lease, step, {
      kind: 'progress',
      progress: {
        ...{
          text: 'copying album',
          done: 12,
          total: 40,
          unit: 'bytes',
          at: new Date().toISOString(),
          secondsLeft: 180,
        },
        also: [{ done: 31, total: 138, unit: 'tables' }],
      },
    });
    const lag = { bytes: 12_582_912, seconds: 0.4, at: new Date() };
    await catalog.moves.noteLag(moveId, { ...lag, retainedBytes: 16_777_216 });
    const comparison = {
      ...{ equal: true, rows: 1, bytes: 1, ms: 1, tables: [], differences: [], differenceCount: 0 },
      comparedAt: new Date(Date.now() - 240_000).toISOString(),
    };
    await catalog.moves.transition(moveId, { from: ['preflight'], to: 'copying', comparison });
    const known = {
      ...{ step, tables: { done: 31, total: 138 }, rows: null, bytes: { done: 12, total: 40 }, secondsLeft: 180 },
      lag: { ...lag, at: lag.at.toISOString() },
      verifiedAt: comparison.comparedAt,
    };
    const shown = (await progress()) as { verificationAgeSeconds: number };
    expect(shown).toMatchObject(known);
    expect(shown.verificationAgeSeconds).toBeGreaterThanOrEqual(240);
    expect((await api.call('GET', '/v1/moves?open=true')).body['items']).toMatchObject([{ progress: known }]);
    expect((await api.call('GET', `/v1/moves/${moveId}/evidence`)).body).toMatchObject({ move: { progress: known } });
    await catalog.moves.transition(moveId, { from: ['copying'], to: 'cancelled' });
    expect(await progress()).toBeNull();
  });

  it('tells what it was undone for, and what was found to be gone', async () => {
    const error = { code: 'schema-changed', message: 'Table album came.', hint: 'Start it again.', details: { a: 1 } };
    const gone = [{ what: 'fence', name: 'tenant_mover', clusterId: 'shared-1' }] as const;
    const readBack = { at: '2026-11-28T10:00:00.000Z', gone };
    const reason = `${error.message} The tenant stayed where it was.`;
    await catalog.moves.transition(moveId, { from: ['preflight'], to: 'cancelled', reason, error, readBack });
    expect((await api.call('GET', `/v1/moves/${moveId}`)).body).toMatchObject({
      ...{ state: 'cancelled', reason, error, readBack },
    });
  });

  it('is switched by hand', async () => {
    await catalog.moves.transition(moveId, { from: ['preflight'], to: 'ready' });
    const switched = await api.call('POST', `/v1/moves/${moveId}/switch`);
    expect([switched.status, switched.headers['location']]).toEqual([202, `/v1/operations/${moveId}`]);
    expect((await catalog.moves.get(moveId))?.switchRequestedAt).toBeInstanceOf(Date);
  });

  it('is compared again while it waits, and shows that somebody asked', async () => {
    const verify = () => api.call('POST', `/v1/moves/${moveId}/verify`);
    const early = await verify();
    expect([early.status, early.body['code']]).toEqual([409, 'move-state']);
    await catalog.moves.transition(moveId, { from: ['preflight'], to: 'cancelled' });
    await finish(moveId);
    const body = { target: { tier: 'dedicated' }, strategy: 'online', switch: 'manual' };
    moveId = String((await api.call('POST', '/v1/tenants/mover/moves', { body })).body['id']);
    await catalog.moves.transition(moveId, { from: ['preflight'], to: 'ready' });
    const shown = async () => (await api.call('GET', `/v1/moves/${moveId}`)).body['verifyRequestedAt'];
    expect(await shown()).toBeNull();
    const asked = await verify();
    expect([asked.status, asked.headers['location']]).toEqual([202, `/v1/operations/${moveId}`]);
    expect(await shown()).toEqual(expect.any(String));
  });

  it.each(['verify', 'switch', 'cancel'])('has a dry run of %s, which asks for nothing', async (verb) => {
    await catalog.moves.transition(moveId, { from: ['preflight'], to: 'ready' });
    const before = await catalog.moves.get(moveId);
    const finding = { code: 'stream-backlog', severity: 'error', object: 'stream', message: 'Too much.', remedy: null };
    desk.findings = [finding as (typeof desk.findings)[number]];
    const dry = await api.call('POST', `/v1/moves/${moveId}/${verb}?dryRun=true`);
    expect(dry.status).toBe(200);
    expect(dry.body).toMatchObject({ kind: 'move-tenant', tenantId: 'mover', findings: [finding], wouldStart: false });
    expect(dry.body['steps']).toMatchObject([{ number: 1, description: `Heed ${verb} of mover.` }]);
    expect(await catalog.moves.get(moveId)).toEqual(before);
    expect(await catalog.operations.get(moveId)).toMatchObject({ cancelRequestedAt: null });
  });

  it('is not switched on top of what was not seen', async () => {
    const etag = String((await api.call('GET', `/v1/moves/${moveId}`)).headers['etag']);
    await catalog.moves.transition(moveId, { from: ['preflight'], to: 'ready' });
    const stale = await api.call('POST', `/v1/moves/${moveId}/switch`, { headers: { 'if-match': etag } });
    expect([stale.status, stale.body['code']]).toEqual([412, 'precondition-failed']);
  });

  it('is reversed by an operation of its own', async () => {
    await finish(moveId);
    const dry = await api.call('POST', `/v1/moves/${moveId}/reverse?dryRun=true`);
    expect(dry.body).toMatchObject({ kind: 'reverse-move', tenantId: 'mover' });
    const real = await api.call('POST', `/v1/moves/${moveId}/reverse`);
    expect([real.status, real.body['kind']]).toEqual([202, 'reverse-move']);
    expect(desk.requests.at(-1)).toEqual({ kind: 'reverse-move', moveId });
  });

  it('is completed by an operation of its own', async () => {
    await finish(moveId);
    const dry = await api.call('POST', `/v1/moves/${moveId}/complete?dryRun=true`);
    expect(dry.body).toMatchObject({ kind: 'complete-move', tenantId: 'mover' });
    const real = await api.call('POST', `/v1/moves/${moveId}/complete`);
    expect(real.body).toMatchObject({ kind: 'complete-move' });
    expect(desk.requests.at(-1)).toEqual({ kind: 'complete-move', moveId });
  });

  it('leaves evidence: who asked for it and pressed what, its steps, and what was done with it later', async () => {
    await api.call('POST', `/v1/moves/${moveId}/switch`);
    await api.call('POST', '/v1/tenants/mover/moves?dryRun=true', {
      body: { target: { tier: 'shared' }, strategy: 'dump' },
    });
    const { status, body } = await api.call('GET', `/v1/moves/${moveId}/evidence`);
    expect(status).toBe(200);
    const requests = body['requests'] as { action: string; actor: string }[];
    expect(requests.map(({ action }) => action)).toEqual(['create-move', 'switch-move']);
    expect(requests.every(({ actor }) => actor.startsWith('key:'))).toBe(true);
    expect(body).toMatchObject({ move: { id: moveId }, operations: [{ id: moveId, kind: 'move-tenant' }] });
    const stranger = await api.keyWith({ scopes: ['tenants:read'], tenantId: 'another' });
    expect((await api.call('GET', `/v1/moves/${moveId}/evidence`, { key: stranger })).status).toBe(404);
  });

  it.each(['verify', 'switch', 'reverse', 'complete', 'cancel'])('that is not there cannot %s', async (verb) => {
    const reply = await api.call('POST', `/v1/moves/0192f3a4-5b6c-7d8e-9f00-112233445566/${verb}`);
    expect([reply.status, reply.body['code']]).toEqual([404, 'move-not-found']);
  });

  it.each([
    [{ target: { tier: 'pooled' }, strategy: 'dump' }, 'body.target.tier'],
    [{ target: { tier: 'dedicated', region: 'eu' }, strategy: 'dump' }, 'body.target.region'],
    [{ target: { tier: 'dedicated' }, strategy: 'dump', switch: 'later' }, 'body.switch'],
  ])('with %j is refused', async (body, field) => {
    const reply = await api.call('POST', '/v1/tenants/mover/moves', { body });
    expect(reply.body['details']).toMatchObject({ faults: [{ field }] });
  });
});
