import type { ApiKey } from '@berth/ports';
import { InMemoryCatalog } from '@berth/testing';
import { KeyLookup } from './key-lookup.js';

interface Slow {
  readonly lookup: KeyLookup;
  readonly asked: { answer: (key: ApiKey | null) => void; fail: (error: Error) => void }[];
}

function slowLookup(): Slow {
  const { apiKeys } = new InMemoryCatalog();
  const asked: Slow['asked'] = [];
  apiKeys.findByHash = () => new Promise((answer, fail) => asked.push({ answer, fail }));
  return { lookup: new KeyLookup(apiKeys), asked };
}

const key = (id: string): ApiKey => ({
  ...{ id, name: '', scopes: [], tenantId: null },
  ...{ expiresAt: null, lastUsedAt: null, revokedAt: null, createdAt: new Date() },
});

describe('KeyLookup', () => {
  it('asks once for those who come together and for a second after', async () => {
    const { lookup, asked } = slowLookup();
    const both = [lookup.find('h', 1_000), lookup.find('h', 1_001)];
    asked[0]!.answer(key('k'));
    expect((await Promise.all(both)).map((found) => found?.id)).toEqual(['k', 'k']);
    expect((await lookup.find('h', 1_999))?.id).toBe('k');
    expect(asked).toHaveLength(1);
    void lookup.find('h', 2_000);
    expect(asked).toHaveLength(2);
  });

  it('uses nothing that was found, or was being looked for, before a revocation', async () => {
    const { lookup, asked } = slowLookup();
    const early = lookup.find('h', 1_000);
    lookup.forget();
    const late = lookup.find('h', 1_001);
    expect(asked).toHaveLength(2);
    asked[1]!.answer(null);
    expect(await late).toBeNull();
    asked[0]!.answer(key('revoked'));
    await early;
    void lookup.find('h', 1_002);
    expect(asked).toHaveLength(3);
  });

  it('keeps neither an unknown key nor a failure', async () => {
    const { lookup, asked } = slowLookup();
    const unknown = lookup.find('h', 1_000);
    asked[0]!.answer(null);
    expect(await unknown).toBeNull();
    const failed = lookup.find('h', 1_001);
    asked[1]!.fail(new Error('away'));
    await expect(failed).rejects.toThrow('away');
    void lookup.find('h', 1_002);
    expect(asked).toHaveLength(3);
  });
});
