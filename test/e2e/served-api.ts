import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createApi } from '@berth/api';
import { ApiKeyCatalog, JobQueue, RequestCounter, type ApiKey } from '@berth/ports';
import { SystemModule } from '@berth/system';
import { pino, type Logger } from 'pino';
import type { World } from '../crash/world.js';

export interface ServedApi {
  readonly url: string;
  /** A file with a new key of these scopes. */
  readonly keyFile: (scopes: ApiKey['scopes']) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export interface ServedApiOptions {
  readonly log?: Logger;
  readonly requestsPerMinute?: number;
  readonly trustedProxies?: readonly string[];
}

/** The API of a world, over the network. */
export async function serveApi(world: World, options: ServedApiOptions = {}): Promise<ServedApi> {
  const folder = await mkdtemp(path.join(tmpdir(), 'berth-keys-'));
  const settings = { log: pino({ level: 'silent' }), requestsPerMinute: 10_000, trustedProxies: [], ...options };
  const { app, server } = await createApi(SystemModule.forRoot(world.config), settings);
  await app.listen(0, '127.0.0.1');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    keyFile: async (scopes) => {
      const key = `berth_${randomBytes(32).toString('base64url')}`;
      const file = path.join(folder, randomUUID());
      const hash = createHash('sha256').update(key).digest('hex');
      await world.app
        .get(ApiKeyCatalog)
        .create({ id: randomUUID(), name: 'test', scopes, tenantId: null, expiresAt: null }, hash);
      await writeFile(file, key, { mode: 0o600 });
      return file;
    },
    stop: async () => {
      await app.close();
      // A process ends with its connections; a test does not.
      await app.get(RequestCounter, { strict: false }).close();
      await app.get(JobQueue, { strict: false }).close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
