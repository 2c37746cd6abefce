import { secretRefs, type Finding } from '@berth/domain';
import { FakeClusterProbe, FakeJobQueue, FakeOperationDesk, FakeSecretStore, InMemoryCatalog } from '@berth/testing';
import { startTestApi, type TestApi } from '../testing/test-api.js';

const streams = { username: 'berth_streams', password: 'correct-horse-battery-staple' };
const ref = secretRefs.clusterStreams('old');
let catalog: InMemoryCatalog;
let probe: FakeClusterProbe;
let secrets: FakeSecretStore;
let api: TestApi;

beforeEach(async () => {
  catalog = new InMemoryCatalog();
  probe = new FakeClusterProbe();
  secrets = new FakeSecretStore();
  const desk = new FakeOperationDesk(catalog);
  api = await startTestApi({ ...catalog, desk, probe, queue: new FakeJobQueue(), secrets });
});
afterEach(() => api.close());

const register = (change: object = {}) => {
  const admin = { username: 'berth_admin', password: 'another' };
  return api.call('POST', '/v1/clusters', {
    body: { id: 'old', host: 'db-1.internal', sslMode: 'disable', admin, ...change },
  });
};
const change = (body: object) => api.call('PATCH', '/v1/clusters/old', { body });
const kept = async (): Promise<unknown> => (await secrets.read(ref))?.document ?? null;
const shown = async (): Promise<unknown> => (await api.call('GET', '/v1/clusters/old')).body['streamsLogin'];
const unfit: Finding = {
  ...{ code: 'streams-login-right', severity: 'error', object: 'cluster old', remedy: 'Make it one.' },
  message: 'Its login for streams is no superuser.',
};

describe('the login for streams of a cluster', () => {
  it('is checked and kept with a registration, as a secret of its own that no answer shows', async () => {
    const { status, text } = await register({ streams });
    expect(status).toBe(201);
    const { username: user, password } = streams;
    expect(probe.cluster('old').wishes).toMatchObject({ streams: { user, password } });
    expect([await kept(), await shown()]).toEqual([streams, true]);
    expect(text + (await api.call('GET', '/v1/audit')).text).not.toContain(password);
  });

  it('is not needed to register', async () => {
    expect((await register()).status).toBe(201);
    expect([await kept(), await shown()]).toEqual([null, false]);
  });

  it('is given later, replaced, and taken away', async () => {
    await register();
    expect((await change({ streams })).status).toBe(200);
    expect([await kept(), await shown()]).toEqual([streams, true]);
    const other = { ...streams, username: 'other' };
    await change({ streams: other });
    expect(await kept()).toEqual(other);
    expect((await change({ streams: null })).status).toBe(200);
    expect([await kept(), await shown()]).toEqual([null, false]);
  });

  it('is refused where it would not do, and the one that was kept stays', async () => {
    await register({ streams });
    probe.cluster('old').findings = [unfit];
    const { status, body, text } = await change({ streams: { ...streams, username: 'weak' } });
    expect([status, body['code']]).toEqual([422, 'preflight-failed']);
    expect(text).toContain('no superuser');
    expect(await kept()).toEqual(streams);
  });

  it('is forgotten with its cluster', async () => {
    await register({ streams });
    expect((await api.call('DELETE', '/v1/clusters/old')).status).toBe(204);
    expect(await secrets.newestVersion(ref)).toBe(0);
  });
});
