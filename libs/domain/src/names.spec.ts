import fc from 'fast-check';
import { loginRoleOf, ownerRoleOf, parseTenantId, reservedTenantIds, schemaNameOf } from './names.js';

const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const tenantId = fc
  .tuple(fc.stringMatching(/^[a-z][a-z0-9]{2,8}$/), fc.array(word, { maxLength: 2 }))
  .map(([first, rest]) => [first, ...rest].join('-'))
  .filter((id) => id.length <= 40 && !reservedTenantIds.has(id));

const everyName = (id: string) => {
  const parsed = parseTenantId(id);
  return [schemaNameOf(parsed), loginRoleOf(parsed, 'a'), loginRoleOf(parsed, 'b')];
};

describe('tenant ids', () => {
  it.each(['abc', 'acme', 'acme-corp', 'a1b', 'x'.repeat(40), 'a-b-c'])('accepts %s', (id) => {
    expect(parseTenantId(id)).toBe(id);
  });

  it.each([
    ['', 'shorter'],
    ['ab', 'shorter'],
    ['x'.repeat(41), '40 at most'],
    ['Acme', 'not allowed'],
    ['1acme', 'not allowed'],
    ['-acme', 'not allowed'],
    ['acme-', 'not allowed'],
    ['acme--corp', 'not allowed'],
    ['acme_corp', 'not allowed'],
    ['acme.corp', 'not allowed'],
    ['acme corp', 'not allowed'],
    ['acmé', 'not allowed'],
    ["a'; DROP SCHEMA public; --", 'not allowed'],
    ['acme\n', 'not allowed'],
    ['postgres', 'reserved'],
    ['pgbouncer', 'reserved'],
  ])('refuses %j: %s', (id, rule) => {
    expect(() => parseTenantId(id)).toThrow(rule);
  });

  it('never takes what is not in its alphabet', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        try {
          expect(parseTenantId(text)).toMatch(/^[a-z][a-z0-9-]{2,39}$/);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid-name' });
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('names of a tenant', () => {
  it('never meet those of another tenant, within what PostgreSQL keeps of a name', () => {
    fc.assert(
      fc.property(tenantId, tenantId, (one, other) => {
        fc.pre(one !== other);
        const names = [...everyName(one), ...everyName(other)];
        expect(new Set(names.map((name) => name.slice(0, 63))).size).toBe(names.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps the login of acme apart from the owner of acme-a', () => {
    expect(loginRoleOf(parseTenantId('acme'), 'a')).not.toBe(ownerRoleOf(parseTenantId('acme-a')));
  });
});
