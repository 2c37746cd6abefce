import { tlsFindings } from './stream-findings.js';

it('a stream says where no certificate will be checked, and only there', () => {
  const clusterId = 'cluster-1';
  expect(tlsFindings({ clusterId, sslMode: 'verify-full', ca: 'text' })).toMatchObject([
    { code: 'stream-tls-unchecked', severity: 'warning', object: 'cluster cluster-1' },
  ]);
  expect(tlsFindings({ clusterId, sslMode: 'verify-full' })).toEqual([]);
  expect(tlsFindings({ clusterId, sslMode: 'require', ca: 'text' })).toEqual([]);
});
