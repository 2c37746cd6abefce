import { quoteIdent, quoteLiteral, quoteQualified } from './quoting.js';

it.each([
  ['plain', '"plain"'],
  ['with "quotes"', '"with ""quotes"""'],
  ['ü–€', '"ü–€"'],
  ['select', '"select"'],
  ["it's; DROP", `"it's; DROP"`],
])('quotes the name %s', (name, quoted) => {
  expect(quoteIdent(name)).toBe(quoted);
});

it.each([[''], ['a\0b'], ['x'.repeat(64)], ['€'.repeat(22)]])(
  'refuses a name that PostgreSQL would refuse or cut: %j',
  (name) => {
    expect(() => quoteIdent(name)).toThrow(/cannot be a name in PostgreSQL|longer than 63 bytes/);
  },
);

it('keeps a name of 63 bytes', () => {
  expect(quoteIdent('x'.repeat(63))).toBe(`"${'x'.repeat(63)}"`);
});

it('quotes both parts of a qualified name', () => {
  expect(quoteQualified('a.b', 'c"d')).toBe('"a.b"."c""d"');
});

it.each([
  ['plain', `'plain'`],
  ["it's", `'it''s'`],
  ['back\\slash', ` E'back\\\\slash'`],
  ["\\' OR 1=1 --", ` E'\\\\'' OR 1=1 --'`],
  ['$$', `'$$'`],
])('quotes the text %s', (text, quoted) => {
  expect(quoteLiteral(text)).toBe(quoted);
});

it('refuses a text with NUL', () => {
  expect(() => quoteLiteral('a\0')).toThrow('NUL');
});
