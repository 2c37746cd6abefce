import type { ClusterAccess } from '@berth/domain';
import { type ClusterFacts, findingsOf } from './cluster-checks.js';

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
  passwordEncryption: 'scram-sha-256',
  maxConnections: 100,
  reserved: 3,
  connections: 10,
  clockMs: 0,
  databaseExists: true,
  ownDatabase: true,
  encoding: 'UTF8',
  publicRights: [],
  serviceExists: true,
  groupExists: true,
  serviceMembership: false,
};
const codesOf = (change: Partial<ClusterFacts>, skewMs = 0): readonly string[] =>
  findingsOf({ ...sound, ...change }, access, skewMs)
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
