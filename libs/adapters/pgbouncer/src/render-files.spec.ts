import { parseTenantId, type TenantRoute } from '@berth/domain';
import { renderDatabases, renderRules, renderUsers } from './render-files.js';

const acme: TenantRoute = {
  tenantId: parseTenantId('acme-corp'),
  host: 'db-1.internal',
  port: 5432,
  database: 'tenants',
  poolSize: 3,
  logins: [
    { role: 'tenant_acme_corp__a', verifier: 'SCRAM-SHA-256$a' },
    { role: 'tenant_acme_corp__b', verifier: 'SCRAM-SHA-256$b' },
  ],
};
const admin = { role: 'berth_pooler', verifier: 'SCRAM-SHA-256$admin' };

describe('the files of a pooler', () => {
  it('name one alias a tenant, without a user', () => {
    expect(renderDatabases([acme]).split('\n')).toEqual([
      '; Berth writes this file whole.',
      "acme-corp = host='db-1.internal' port=5432 dbname='tenants' pool_size=3",
      '',
    ]);
  });

  it('let the logins of a tenant through its own alias, and those of nobody else', () => {
    const lines = renderRules([acme]).split('\n');
    const who = '"tenant_acme_corp__a","tenant_acme_corp__b"';
    expect(lines).toContain(`host "acme-corp" ${who} 0.0.0.0/0 scram-sha-256`);
    expect(lines.filter((line) => !/^(#.*|(host|local) "(acme-corp|pgbouncer)" .*|)$/.test(line))).toEqual([]);
    // A list of nobody would be read as a rule for somebody else.
    expect(renderRules([{ ...acme, logins: [] }])).not.toContain('acme-corp');
  });

  it('keep the operator’s users, and replace the clear password of the admin', () => {
    const first = renderUsers('"stats" "secret"\n"berth_pooler" "in the clear"\n', admin, [acme]);
    expect(first).toContain('"stats" "secret"\n;');
    expect(first).not.toContain('in the clear');
    expect(first).toContain('"tenant_acme_corp__a" "SCRAM-SHA-256$a"');
    expect(renderUsers(first, admin, [acme])).toBe(first);
    expect(renderUsers(first, admin, [])).not.toContain('acme');
    expect(renderUsers(null, admin, []).split('\n')[1]).toBe('"berth_pooler" "SCRAM-SHA-256$admin"');
  });

  it('let nothing break out of its line', () => {
    const evil = { ...acme, database: "x' host='elsewhere" };
    expect(renderDatabases([evil])).toContain("dbname='x'' host=''elsewhere'");
    expect(() => renderDatabases([{ ...acme, host: 'a\nb = host=c' }])).toThrow(/cannot stand in a file/);
    expect(() => renderUsers(null, admin, [{ ...acme, logins: [{ role: 'a\n', verifier: 'x' }] }])).toThrow();
  });
});
