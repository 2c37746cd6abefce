import { parseTenantId, scramVerifier } from '@berth/domain';
import { describeTenantRouterContract } from '../contracts/tenant-router.contract.js';
import { FakeTenantRouter } from './fake-tenant-router.js';

describeTenantRouterContract('in memory', async () => {
  const router = new FakeTenantRouter();
  const pooler = router.pooler('pool-1');
  return {
    router,
    access: {
      poolerId: 'pool-1',
      host: '127.0.0.1',
      port: 6432,
      sslMode: 'disable',
      folder: '/srv/pool-1',
      user: 'berth_pooler',
      password: 'only-a-test',
      verifier: scramVerifier('only-a-test'),
    },
    shown: async (alias) => {
      const tenantId = parseTenantId(alias);
      const route = pooler.running.get(tenantId);
      return route === undefined
        ? null
        : { port: route.port, poolSize: route.poolSize, held: pooler.held.has(tenantId) };
    },
    holdByHand: async (alias) => void pooler.held.add(parseTenantId(alias)),
    kill: async () => void (pooler.runs = false),
    restart: async () => {
      pooler.restart();
      return pooler.runs;
    },
    freeze: () => void (pooler.answers = false),
    thaw: () => void (pooler.answers = true),
    loseFiles: async () => void (pooler.files = null),
    close: async () => undefined,
  };
});
