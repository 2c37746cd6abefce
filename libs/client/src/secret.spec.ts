import { parseTenantId, type TenantSecret as DomainSecret } from '@berth/domain';
import fc from 'fast-check';
import type { TenantSecret } from './secret.js';
import { requireTenantId } from './tenant-id.js';

type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

it('has the very fields of the document that Berth writes', () => {
  // Checked by the compiler: a field that one has and the other has not, or otherwise, does not compile.
  const same: Same<TenantSecret, DomainSecret> = true;
  expect(same).toBe(true);
});

it('takes the very tenant ids that Berth takes, the reserved ones aside', () => {
  const accepts = (check: (text: string) => unknown, text: string): boolean | string => {
    try {
      check(text);
      return true;
    } catch (error) {
      return /is reserved/.test((error as Error).message) ? 'reserved' : false;
    }
  };
  const ids = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[a-z0-9A-Z_.-]{0,45}$/),
    fc.stringMatching(/^[a-z][a-z0-9-]{1,42}$/),
  );
  fc.assert(
    fc.property(ids, (text) => {
      const byBerth = accepts(parseTenantId, text);
      fc.pre(byBerth !== 'reserved');
      expect(accepts(requireTenantId, text)).toBe(byBerth);
    }),
    { numRuns: 1_000 },
  );
});
