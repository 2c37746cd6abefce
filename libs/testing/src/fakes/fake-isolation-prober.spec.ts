import { parseTenantId, placeOf, tenantUrl } from '@berth/domain';
import type { IsolationLogin } from '@berth/ports';
import { describeIsolationProberContract } from '../contracts/isolation-prober.contract.js';
import { FakeIsolationProber } from './fake-isolation-prober.js';

const prober = new FakeIsolationProber();

function loginOf(id: string): IsolationLogin {
  const place = placeOf(parseTenantId(id), 'shared-1', 'tenants');
  const address = { host: '127.0.0.1', port: 5432, database: 'tenants', sslmode: 'disable' } as const;
  const secret = {
    ...address,
    schema: place.schema,
    username: place.loginRoles.a,
    password: 'only-a-test',
    generation: 1,
  };
  return { place, secret: { ...secret, url: tenantUrl(secret) } };
}

const logins = [loginOf('alpha'), loginOf('bravo'), loginOf('charlie')] as const;

describeIsolationProberContract('in memory', () => ({
  prober,
  logins,
  pooler: { host: '127.0.0.1', port: 6432, sslMode: 'disable' },
  open: async () => void prober.holes.set('alpha>bravo', ['select']),
  close: async () => prober.holes.clear(),
  lockOut: async () => {
    prober.lockedOut.add(logins[0].place.tenantId);
    return logins[0];
  },
}));
