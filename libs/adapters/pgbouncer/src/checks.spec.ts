import { findingsOf, isOlder, type PoolerFacts, type ReachedCluster } from './checks.js';

const sound = {
  pool_mode: 'transaction',
  auth_type: 'hba',
  auth_file: '/etc/pgbouncer/berth/berth-userlist.txt',
  auth_hba_file: '/etc/pgbouncer/berth/berth-hba.conf',
  server_reset_query: 'DISCARD ALL',
  server_tls_sslmode: 'disable',
  client_tls_sslmode: 'disable',
  server_login_retry: '1',
};
const cluster = (change: Partial<ReachedCluster> = {}): ReachedCluster => ({
  ...{ id: 'shared-1', sslMode: 'disable', postgresMajor: 15 },
  ...change,
});

function codesOf(
  config: Readonly<Record<string, string>>,
  facts: Partial<PoolerFacts> = {},
  clusters: readonly ReachedCluster[] = [cluster()],
): readonly string[] {
  const all = { poolerId: 'pool-1', host: '127.0.0.1', version: '1.26.1', ...facts, config: { ...sound, ...config } };
  return findingsOf(all, clusters).map(({ code, severity }) => `${severity} ${code}`);
}

describe('the checks of a pooler', () => {
  it('find nothing in a sound one', () => expect(codesOf({})).toEqual([]));

  it.each<[string, Readonly<Record<string, string>>, Partial<PoolerFacts>, readonly ReachedCluster[]]>([
    ['error pooler-too-old', {}, { version: '1.17.9' }, []],
    ['warning pooler-old', {}, { version: '1.18.0' }, []],
    ['warning pooler-old', {}, { version: '1.26.0' }, []],
    ['error statement-pooling', { pool_mode: 'statement' }, {}, []],
    ['error auth-not-by-alias', { auth_type: 'scram-sha-256' }, {}, []],
    ['error files-not-named', { auth_file: '/etc/pgbouncer/userlist.txt' }, {}, []],
    ['error files-not-named', { auth_hba_file: '' }, {}, []],
    ['error several-processes', { so_reuseport: '1' }, {}, []],
    ['error search-path-tracked', { track_extra_parameters: 'IntervalStyle, search_path' }, {}, [cluster()]],
    ['error search-path-ignored', { ignore_startup_parameters: 'extra_float_digits,search_path' }, {}, []],
    ['warning options-ignored', { ignore_startup_parameters: 'options' }, {}, []],
    ['warning session-not-reset', { pool_mode: 'session', server_reset_query: '' }, {}, []],
    ['error server-tls', { server_tls_sslmode: 'require' }, {}, [cluster({ sslMode: 'verify-full' })]],
    ['error server-tls', { server_tls_sslmode: 'prefer' }, {}, [cluster({ sslMode: 'require' })]],
    ['error server-without-tls', { server_tls_sslmode: 'require' }, {}, [cluster()]],
    ['warning client-tls', { client_tls_sslmode: 'prefer' }, { host: '10.0.0.7' }, []],
    ['info slow-login-retry', { server_login_retry: '15' }, {}, []],
  ])('find %s in %j %j', (found, config, facts, clusters) => {
    const errorsAside = codesOf(config, facts, clusters).filter(
      (code) => code !== 'warning pooler-old' || code === found,
    );
    expect(errorsAside).toContain(found);
  });

  it('let a search_path be followed where every server reports it', () => {
    expect(codesOf({ track_extra_parameters: 'search_path' }, {}, [cluster({ postgresMajor: 18 })])).toEqual([]);
    expect(codesOf({ track_extra_parameters: 'search_path', pool_mode: 'session' })).toEqual([]);
  });

  it('refuse an old one only where anybody could use its hole', () => {
    const open = { auth_user: 'pgbouncer', track_extra_parameters: 'search_path' };
    expect(codesOf(open, { version: '1.25.0' }, [])).toContain('error auth-query-hole');
    expect(codesOf(open, { version: '1.25.1' }, [])).not.toContain('error auth-query-hole');
    expect(codesOf({ auth_user: 'pgbouncer' }, { version: '1.18.0' }, [])).not.toContain('error auth-query-hole');
  });

  it('compare versions by their numbers', () => {
    expect(isOlder('1.9.10', [1, 18, 0])).toBe(true);
    expect(isOlder('1.18', [1, 18, 0])).toBe(false);
    expect(isOlder('2.0', [1, 26, 1])).toBe(false);
  });
});
