import type { ClusterAccess } from '@berth/domain';
import { findingsOf } from './cluster-checks.js';
import type { ClusterFacts, ServerCertificate } from './cluster-facts.js';

const access: ClusterAccess = {
  clusterId: 'shared-1',
  host: '127.0.0.1',
  port: 5432,
  sslMode: 'disable',
  database: 'tenants',
  user: 'berth_admin',
  password: 'secret',
};
const sound: ClusterFacts = {
  major: 16,
  superuser: false,
  createRole: true,
  createDatabase: true,
  inRecovery: false,
  walLevel: 'logical',
  slots: { used: 0, most: 10 },
  senders: { used: 0, most: 10 },
  applyWorkers: 4,
  workers: 8,
  passwordEncryption: 'scram-sha-256',
  maxConnections: 100,
  reserved: 3,
  connections: 10,
  bytes: 8_000_000,
  schemas: 0,
  clockMs: 0,
  databaseExists: true,
  ownDatabase: true,
  encoding: 'UTF8',
  publicRights: [],
  serviceExists: true,
  groupExists: true,
  serviceMembership: false,
  extensions: [],
  encryption: null,
};
const wishes = { extensions: [], maxTenants: null };
const codesOf = (change: Partial<ClusterFacts>, skewMs = 0): readonly string[] =>
  findingsOf({ facts: { ...sound, ...change }, skewMs, certificate: null }, access, wishes)
    .filter(({ severity }) => severity !== 'info')
    .map(({ code, severity }) => `${severity} ${code}`);

it('finds nothing wrong with a sound cluster', () => {
  expect(codesOf({})).toEqual([]);
});

it.each<[string, Partial<ClusterFacts>, string]>([
  ['an old server', { major: 14 }, 'error cluster-too-old'],
  ['a superuser', { superuser: true, createRole: false, createDatabase: false }, 'warning cluster-unsafe'],
  ['no CREATEROLE', { createRole: false }, 'error cluster-rights'],
  [
    'no CREATEDB where the database is missing',
    { createDatabase: false, databaseExists: false },
    'error cluster-rights',
  ],
  ['no CREATEDB where the database is there', { createDatabase: false }, 'warning cluster-rights'],
  ['a standby', { inRecovery: true }, 'error cluster-rights'],
  ["somebody else's database", { ownDatabase: false }, 'error cluster-rights'],
  ['another encoding', { encoding: 'SQL_ASCII' }, 'error cluster-unsafe'],
  ['no free connections', { connections: 90 }, 'error cluster-full'],
  ['weak password hashes', { passwordEncryption: 'md5' }, 'warning cluster-unsafe'],
  ['scarce replication slots', { slots: { used: 8, most: 10 } }, 'warning replication-slots'],
  ['scarce WAL senders', { senders: { used: 10, most: 10 } }, 'warning wal-senders'],
  ['too few workers', { workers: 2 }, 'warning apply-workers'],
  ['a mighty service role', { serviceMembership: true }, 'error cluster-unsafe'],
])('finds %s', (_what, change, expected) => {
  expect(codesOf(change)).toEqual([expected]);
});

it('finds a clock that is off, and everything else in the same report', () => {
  expect(codesOf({ major: 14, createRole: false }, 60_000)).toEqual([
    'error cluster-too-old',
    'error cluster-rights',
    'warning clock-skew',
  ]);
});

it('does not count slots where tenants cannot move online at all', () => {
  expect(codesOf({ walLevel: 'replica', slots: { used: 0, most: 0 } })).toEqual([]);
});

it('tells a wanted extension that the server lacks from one that only has to be created', () => {
  const extensions = [
    { name: 'citext', installed: true, trusted: true },
    { name: 'vector', installed: false, trusted: false },
  ];
  const found = findingsOf({ facts: { ...sound, extensions }, skewMs: 0, certificate: null }, access, {
    extensions: ['citext', 'vector', 'postgis'],
    maxTenants: 5,
  });
  expect(
    found.filter(({ code }) => code.startsWith('extension')).map(({ severity, remedy }) => [severity, remedy]),
  ).toEqual([
    ['warning', 'As a superuser, in tenants: CREATE EXTENSION vector'],
    ['error', "Install the server's package with postgis."],
  ]);
  expect(found.find(({ code }) => code === 'room')?.message).toContain('room for 5 tenants');
});

describe('of the encryption', () => {
  const encryption = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };
  const inDays = (days: number): ServerCertificate => ({
    names: ['db-1.internal'],
    issuer: 'Our CA',
    validTo: new Date(Date.now() + days * 86_400_000 + 60_000),
  });
  const tlsOf = (change: Partial<ClusterAccess>, certificate: ServerCertificate | null) =>
    findingsOf(
      { facts: { ...sound, encryption: certificate && encryption }, skewMs: 0, certificate },
      { ...access, ...change },
      wishes,
    )
      .filter(({ code }) => code.startsWith('tls'))
      .map(({ code, severity, message }) => [severity, code, message]);

  it('warns where there is none, but on this very machine', () => {
    expect(tlsOf({}, null)).toEqual([['info', 'tls-off', 'The session is not encrypted.']]);
    expect(tlsOf({ host: 'db-1.internal' }, null)).toEqual([['warning', 'tls-off', 'The session is not encrypted.']]);
  });

  it('names the certificate, and warns before it ends', () => {
    const good = inDays(90);
    expect(tlsOf({ sslMode: 'verify-full' }, good)).toEqual([
      ['info', 'tls', expect.stringContaining('made out to db-1.internal by Our CA, until ')],
    ]);
    expect(tlsOf({ sslMode: 'verify-full' }, inDays(5)).slice(1)).toEqual([
      ['warning', 'tls-expiry', 'The certificate of the server expires in 5 days.'],
    ]);
    expect(tlsOf({ sslMode: 'require' }, inDays(-2)).slice(1)).toEqual([
      ['warning', 'tls-unverified', expect.any(String)],
      ['warning', 'tls-expiry', 'The certificate of the server has expired.'],
    ]);
  });
});
