import { readFile } from 'node:fs/promises';
import { loopback } from '@berth/local-postgres';
import { answer, answerOrNone, apiClient } from '../api/client.js';
import { sharedClusterId, type Home } from './home.js';
import {
  newPassword,
  prepareSharedAdmin,
  prepareSharedStreams,
  sharedAdmin,
  sharedDatabase,
} from './postgres-servers.js';

/**
 * Registers the first shared cluster through the API, as an operator would. The password of its admin login is made here,
 * given to the server as a verifier and to the API, which keeps it in the secret store; it is written nowhere else.
 */
export async function ensureSharedCluster(home: Home, apiPort: number, port: number): Promise<string> {
  const key = (await readFile(home.apiKey, 'utf8')).trim();
  const client = apiClient({
    address: `http://127.0.0.1:${String(apiPort)}`,
    key,
    hintWhenDown: 'See "berth status".',
  });
  const path = { clusterId: sharedClusterId };
  const known = await answerOrNone(client.GET('/v1/clusters/{clusterId}', { params: { path } }));
  // A registration that broke off leaves the cluster as it was claimed: cordoned, never changed since.
  const unfinished = known?.state === 'cordoned' && known.version === 1;
  if (known !== undefined && !unfinished) {
    // One that was registered by a version of Berth that knew of none.
    if (known.streamsLogin !== true) {
      const streams = await prepareSharedStreams(home);
      const headers = { 'If-Match': `"${String(known.version)}"` };
      if (streams !== null)
        await answer(
          client.PATCH('/v1/clusters/{clusterId}', { params: { path, header: headers }, body: { streams } }),
        );
    }
    return 'registered';
  }
  // Its port may be another one now, and only the very same registration may be repeated.
  if (unfinished) await answer(client.DELETE('/v1/clusters/{clusterId}', { params: { path } }));
  const password = newPassword();
  await prepareSharedAdmin(home, password);
  const streams = await prepareSharedStreams(home);
  await answer(
    client.POST('/v1/clusters', {
      body: {
        id: sharedClusterId,
        tier: 'shared',
        host: loopback,
        port,
        sslMode: 'disable',
        database: sharedDatabase,
        labels: {},
        maxTenants: null,
        maxOperations: 4,
        admin: { username: sharedAdmin, password },
        ...(streams === null ? {} : { streams }),
      },
    }),
  );
  return 'registered now';
}
