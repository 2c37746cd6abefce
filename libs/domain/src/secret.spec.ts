import fc from 'fast-check';
import { tenantUrl } from './secret.js';

const hosts = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]\.internal$/), fc.ipV4(), fc.ipV6());
/** Whole characters of any kind: halves of surrogate pairs are refused at the edge. */
const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });

it('makes a URL that gives back each part, whatever is in it', () => {
  fc.assert(
    fc.property(hosts, fc.integer({ min: 1, max: 65_535 }), texts, texts, (host, port, username, password) => {
      const place = { host, port, database: 'tenants', schema: 's', sslmode: 'require', generation: 1 } as const;
      const url = new URL(tenantUrl({ ...place, username, password }));
      expect([url.username, url.password].map(decodeURIComponent)).toEqual([username, password]);
      // As the URL writes addresses: in brackets, shortened.
      expect(url.hostname).toBe(new URL(`postgresql://${host.includes(':') ? `[${host}]` : host}`).hostname);
      expect([url.port, url.pathname, url.search]).toEqual([String(port), '/tenants', '?sslmode=require']);
    }),
    { numRuns: 2_000 },
  );
});
