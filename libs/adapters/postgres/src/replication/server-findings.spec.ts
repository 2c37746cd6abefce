import { parseTenantId, placeOf } from '@berth/domain';
import { serverFindings } from './server-findings.js';

const place = placeOf(parseTenantId('acme'), 'cluster-1', 'app');
const fit = {
  ...{ major: 16, walLevel: 'logical', slotsFree: 2, sendersFree: 2, workersFree: 2, originsFree: 2 },
  ...{ keepsAtMost: null, keepsStatements: false },
  ...{ mayReplicate: true, maySubscribe: true, mayCreate: true, passesPolicies: true },
};

describe('what an online move asks of a server', () => {
  it('is nothing more where all is there', () => {
    expect(serverFindings({ place, facts: fit })).toEqual([]);
  });

  it('is a version before anything else', () => {
    expect(serverFindings({ place, facts: { ...fit, major: 14, walLevel: 'replica', mayCreate: false } })).toEqual([
      {
        code: 'online-needs-newer',
        severity: 'error',
        object: 'cluster cluster-1',
        message: 'It runs PostgreSQL 14; online moves need 15 or newer at both ends.',
        remedy: 'Move the tenant by dump, or upgrade the server.',
      },
    ]);
  });

  it('is no right to subscribe on 15, where another login does that', () => {
    expect(serverFindings({ place, facts: { ...fit, major: 15, maySubscribe: false } })).toEqual([]);
    expect(serverFindings({ place, facts: { ...fit, maySubscribe: false } })).toMatchObject([
      { code: 'subscription-right' },
    ]);
  });
});
