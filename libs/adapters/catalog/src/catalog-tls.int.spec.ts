import {
  makeAuthority,
  opensslPart,
  requireTls,
  startPostgres,
  type TestAuthority,
  type TestPostgres,
  whenAvailable,
} from '@berth/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCatalog } from './open-catalog.js';

whenAvailable(await opensslPart(), 'a catalog that speaks TLS alone', () => {
  let server: TestPostgres;
  let authority: TestAuthority;
  let stranger: TestAuthority;
  let folder: string;
  let database: string;

  beforeAll(async () => {
    [server, authority, stranger] = await Promise.all([startPostgres({ major: 15 }), makeAuthority(), makeAuthority()]);
    await requireTls(server, await authority.issue(['DNS:localhost']));
    database = await server.createDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'berth-catalog-tls-'));
    await writeFile(path.join(folder, 'right.pem'), authority.ca);
    await writeFile(path.join(folder, 'wrong.pem'), stranger.ca);
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), authority?.remove(), stranger?.remove()]);
    await rm(folder, { recursive: true, force: true });
  });

  const urlWith = (parameters: string) =>
    `${server.adminUrl(database).replace('127.0.0.1', 'localhost')}?${parameters}`;

  it('is reached by what its URL says of TLS', async () => {
    const catalog = await openCatalog(urlWith(`sslmode=verify-full&sslrootcert=${folder}/right.pem`));
    await catalog.migrate();
    expect(await catalog.plans.list()).toHaveLength(4);
    await catalog.close();
  });

  it('is refused with a wrong authority', async () => {
    const url = urlWith(`sslmode=verify-full&sslrootcert=${folder}/wrong.pem`);
    await expect(openCatalog(url)).rejects.toMatchObject({
      code: 'catalog-unavailable',
      message: expect.stringContaining('certificate'),
      hint: expect.stringContaining('sslrootcert'),
    });
  });

  it('lets nobody in without TLS', async () => {
    await expect(openCatalog(urlWith('sslmode=disable'))).rejects.toMatchObject({
      message: expect.stringContaining('no encryption'),
    });
  });
});
