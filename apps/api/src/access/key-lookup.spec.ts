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
  id,
  name: '',
  scopes: [],
  tenantId: null,
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  createdAt: new Date(),
});

describe('KeyLookup', () => {
  it('never answers a request from a lookup that began before it', async () => {
    const { lookup, asked } = slowLookup();
    const first = lookup.find('h');
    const second = lookup.find('h');
    const third = lookup.find('h');
    expect(asked).toHaveLength(1);
    asked[0]!.answer(key('old'));
    expect((await first)?.id).toBe('old');
    expect(asked).toHaveLength(2);
    asked[1]!.answer(null);
    expect(await Promise.all([second, third])).toEqual([null, null]);
  });

  it('asks again after a failure, and keeps nothing', async () => {
    const { lookup, asked } = slowLookup();
    const first = lookup.find('h');
    const second = lookup.find('h');
    asked[0]!.fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
    asked[1]!.answer(key('found'));
    expect((await second)?.id).toBe('found');
    void lookup.find('h');
    expect(asked).toHaveLength(3);
  });
});
