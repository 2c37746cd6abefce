import { makeAuthority, opensslPart, requireTls, startPostgres, whenAvailable } from '@berth/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BullmqJobQueue } from './bullmq-job-queue.js';

whenAvailable(await opensslPart(), 'a queue on a PostgreSQL that speaks TLS alone', () => {
  it('is reached by what the URL says of TLS', async () => {
    const [server, authority] = await Promise.all([startPostgres({ major: 15 }), makeAuthority()]);
    const folder = await mkdtemp(path.join(tmpdir(), 'berth-queue-tls-'));
    try {
      await requireTls(server, await authority.issue(['DNS:localhost']));
      await writeFile(path.join(folder, 'ca.pem'), authority.ca);
      const database = await server.createDatabase();
      const address = server.adminUrl(database).replace('127.0.0.1', 'localhost');
      const postgresUrl = `${address}?sslmode=verify-full&sslrootcert=${folder}/ca.pem`;
      const queue = new BullmqJobQueue({ postgresUrl });
      await queue.enqueue('op-1');
      expect(await queue.depth()).toMatchObject({ waiting: 1 });
      await queue.close();
    } finally {
      await Promise.all([server.stop(), authority.remove(), rm(folder, { recursive: true, force: true })]);
    }
  });
});
