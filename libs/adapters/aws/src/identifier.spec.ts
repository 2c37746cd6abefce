import fc from 'fast-check';
import { dedicatedClusterIdOf, parseTenantId, reservedTenantIds } from '@berth/domain';
import { rdsIdentifier } from './identifier.js';

/** Every shape of a legal tenant id: 3 to 40 characters, single inner hyphens, first a letter. */
const tenantIds = fc
  .stringMatching(/^[a-z][a-z0-9]{0,39}(-[a-z0-9]{1,20}){0,19}$/, { size: 'max' })
  .filter((id) => id.length >= 3 && id.length <= 40 && !reservedTenantIds.has(id));
const prefixes = fc.stringMatching(/^[a-z][a-z0-9]{1,9}$/);
const generations = fc.integer({ min: 1, max: 99_999_999 });

describe('rdsIdentifier', () => {
  it('is within RDS’s limits for every legal tenant id', () => {
    fc.assert(
      fc.property(prefixes, tenantIds, generations, (prefix, tenant, generation) => {
        const identifier = rdsIdentifier(prefix, dedicatedClusterIdOf(parseTenantId(tenant), generation));
        expect(identifier).toMatch(/^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,62}$/);
        expect(identifier.length).toBeLessThanOrEqual(63);
      }),
    );
  });

  it('never gives two clusters one identifier, tenants’ or others', () => {
    const others = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,3}$/);
    const dedicated = fc.tuple(tenantIds, generations).map(([id, at]) => dedicatedClusterIdOf(parseTenantId(id), at));
    const named = fc.tuple(prefixes, fc.oneof(dedicated, others));
    fc.assert(
      fc.property(named, named, ([prefix, one], [otherPrefix, other]) => {
        fc.pre(prefix !== otherPrefix || one !== other);
        expect(rdsIdentifier(prefix, one)).not.toBe(rdsIdentifier(otherPrefix, other));
      }),
    );
  });

  it.each(['', 'A', 'a_b', 'a--b', '-a', 'a-', '9a', '../x', `dedicated-acme-g${'1'.repeat(60)}`])(
    'refuses %j',
    (clusterId) => {
      expect(() => rdsIdentifier('berth', clusterId)).toThrow(
        expect.objectContaining({ code: 'invalid-name' }) as Error,
      );
    },
  );
});
