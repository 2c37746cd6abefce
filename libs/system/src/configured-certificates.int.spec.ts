import {
  makeAuthority,
  opensslPart,
  redisPart,
  requireTls,
  startPostgres,
  startRedis,
  type TestAuthority,
  type TestPostgres,
  type TestRedis,
  whenAvailable,
} from '@berth/testing';
import { ConfiguredCertificates } from './configured-certificates.js';

const catalog = 'postgresql://berth@127.0.0.1:5432/berth';
const settings = { BERTH_CATALOG_URL: catalog, BERTH_SECRET_STORE: 'local' } as const;
const read = (change: Partial<ConstructorParameters<typeof ConfiguredCertificates>[0]>) =>
  new ConfiguredCertificates({ ...settings, ...change }).read();
const daysUntil = (day: Date | null | undefined) => Math.round((Number(day) - Date.now()) / 86_400_000);

it('looks at nothing that is reached without TLS', async () => {
  expect(await read({ BERTH_REDIS_URL: 'redis://127.0.0.1:1', BERTH_VAULT_URL: 'https://127.0.0.1:1' })).toEqual([]);
});

it('says of a part that does not answer that it was not seen', async () => {
  const parts = { BERTH_SECRET_STORE: 'vault', BERTH_VAULT_URL: 'https://127.0.0.1:1' } as const;
  expect(await read({ ...parts, BERTH_REDIS_URL: 'rediss://127.0.0.1:1' })).toEqual([
    { part: 'Redis at 127.0.0.1:1', validTo: null, because: expect.stringMatching(/^Its certificate was not seen/) },
    { part: 'Vault at 127.0.0.1:1', validTo: null, because: expect.stringMatching(/^Its certificate was not seen/) },
  ]);
});

whenAvailable(await opensslPart(), 'the certificate of a catalog', () => {
  let server: TestPostgres;
  let authority: TestAuthority;
  beforeAll(async () => {
    [server, authority] = await Promise.all([startPostgres({ major: 15 }), makeAuthority()]);
  });
  afterAll(async () => {
    await server?.stop();
    await authority?.remove();
  });
  const at = () => `postgresql://berth@127.0.0.1:${String(server.port)}/berth?sslmode=verify-full`;

  it('is not seen where the server has no TLS', async () => {
    expect(await read({ BERTH_CATALOG_URL: at() })).toMatchObject([
      { validTo: null, because: expect.stringMatching(/no TLS/) },
    ]);
  });

  it('is read by the handshake alone, also when nobody here trusts it', async () => {
    await requireTls(server, await authority.issue(['IP:127.0.0.1'], 20));
    const [seen] = await read({ BERTH_CATALOG_URL: at() });
    expect(seen).toMatchObject({ part: `Catalog at 127.0.0.1:${String(server.port)}`, because: null });
    expect(daysUntil(seen?.validTo)).toBe(20);
  });
});

whenAvailable(redisPart, 'the certificate of a queue', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis({ tls: true });
  });
  afterAll(() => redis.stop());

  it('is read', async () => {
    const [seen] = await read({ BERTH_REDIS_URL: redis.url });
    expect([seen?.because, daysUntil(seen?.validTo) >= 0]).toEqual([null, true]);
  });
});
