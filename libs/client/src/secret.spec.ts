import { parseTenantId, type TenantSecret as DomainSecret, tenantUrl } from '@berth/domain';
import fc from 'fast-check';
import { parseAddress, parseSecret, type TenantSecret } from './secret.js';
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

describe('any secret document', () => {
  const texts = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
  /** As Berth writes it: with an address of its own, and what else a later version may add. */
  const documents = fc
    .record(
      {
        host: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
        port: fc.integer({ min: 1, max: 65_535 }),
        database: texts,
        schema: texts,
        username: texts,
        password: fc.stringMatching(/^[A-Za-z0-9'"\\$ ]{20,40}$/),
        sslmode: fc.constantFrom('disable', 'require', 'verify-ca', 'verify-full'),
        sslrootcert: texts,
        generation: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      },
      { requiredKeys: ['host', 'port', 'database', 'schema', 'username', 'password', 'sslmode', 'generation'] },
    )
    .map((fields): DomainSecret => ({ ...fields, url: tenantUrl(fields) }));

  const numbersAs = { number: Number, text: String };
  const withNumbers = (document: DomainSecret, as: keyof typeof numbersAs): object => ({
    ...document,
    port: numbersAs[as](document.port),
    generation: numbersAs[as](document.generation),
  });
  const forms = fc.constantFrom<keyof typeof numbersAs>('number', 'text');

  it('comes back as it was written, by JSON or by files', () => {
    fc.assert(
      fc.property(documents, forms, fc.dictionary(fc.constantFrom('later', 'version'), texts), (secret, as, more) => {
        const stored = JSON.stringify({ ...more, ...withNumbers(secret, as) });
        expect(parseSecret(JSON.parse(stored))).toEqual(secret);
        const { password, url, ...address } = secret;
        expect(parseAddress(JSON.parse(stored))).toEqual(address);
        expect([password, url].every((text) => text.length > 0)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('that is spoiled is refused by the names of the very fields that are, without a value of any', () => {
    const notTexts: fc.Arbitrary<unknown> = fc.constantFrom('', null, 0, 7, true, ['text'], {});
    const notCounts: fc.Arbitrary<unknown> = fc.constantFrom(
      0,
      -1,
      1.5,
      '',
      ' ',
      'x',
      '5x',
      null,
      true,
      [5],
      {},
      2 ** 60,
    );
    const spoiled: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
      ...Object.fromEntries(['host', 'database', 'schema', 'username', 'password', 'url'].map((n) => [n, notTexts])),
      port: fc.oneof(notCounts, fc.integer({ min: 65_536 })),
      generation: notCounts,
      sslmode: fc.oneof(notTexts, fc.constantFrom('prefer', 'REQUIRE', ['require'])),
    };
    const faults = fc
      .uniqueArray(fc.constantFrom(...Object.keys(spoiled)), { minLength: 1 })
      .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, fc.option(spoiled[name]!)]))));
    fc.assert(
      fc.property(documents, forms, faults, (secret, as, wrong) => {
        // A field that is null here is left out there: absent, or of no use.
        const fields = Object.entries({ ...withNumbers(secret, as), ...wrong });
        const document = Object.fromEntries(fields.filter(([, value]) => value !== null));
        const message = messageOf(() => parseSecret(document));
        expect(message).toMatch(/^it has no usable [a-z, ]+$/);
        expect(message.replace('it has no usable ', '').split(', ').sort()).toEqual(Object.keys(wrong).sort());
        expect(message).not.toContain(secret.password);
      }),
      { numRuns: 2_000 },
    );
  });

  it('or anything else that is none is refused by all its fields', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue()), (anything) => {
        expect(messageOf(() => parseSecret(anything))).toMatch(/^it has no usable [a-z, ]+$/);
      }),
      { numRuns: 1_000 },
    );
  });
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was taken');
}
