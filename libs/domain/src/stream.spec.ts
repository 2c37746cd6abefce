import { parseTenantId } from './names.js';
import { placeOf } from './placement.js';
import { isStreamOf, streamsOf } from './stream.js';

const at = (tenant: string, cluster: string) => placeOf(parseTenantId(tenant), cluster, 'tenants');

describe('the streams of a move', () => {
  it('bear names that PostgreSQL takes for slots, and that tell tenant, generation and direction', () => {
    const { forward, reverse } = streamsOf(at('acme-corp', 'one'), at('acme-corp', 'two'), 7);
    expect(forward).toMatchObject({
      name: 'berth_acme_corp_g7_f',
      from: { clusterId: 'one' },
      to: { clusterId: 'two' },
    });
    expect(reverse).toMatchObject({
      name: 'berth_acme_corp_g7_r',
      from: { clusterId: 'two' },
      to: { clusterId: 'one' },
    });
    const longest = `a${'b'.repeat(39)}`;
    const { name } = streamsOf(at(longest, 'one'), at(longest, 'two'), 9_999_999_999).forward;
    expect(name).toMatch(/^[a-z0-9_]{1,63}$/);
  });

  it('are known by their names, and never taken for those of a tenant whose id begins alike', () => {
    const acme = parseTenantId('acme');
    expect(isStreamOf(acme, 'berth_acme_g2_f')).toBe(true);
    const { name } = streamsOf(at('acme-g1', 'one'), at('acme-g1', 'two'), 2).forward;
    expect(isStreamOf(acme, name)).toBe(false);
    expect(isStreamOf(acme, 'berth_acme_g2_x')).toBe(false);
  });
});
