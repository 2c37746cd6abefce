import { PassThrough } from 'node:stream';
import { fitRow, paintFor, shownWidth } from './colour.js';
import { age, duration, milliseconds, size } from './duration.js';
import { Output } from './output.js';
import { facts, table } from './table.js';

describe('table', () => {
  const columns = [{ title: 'id' }, { title: 'n', align: 'right' as const }, { title: 'text', atLeast: 6 }];

  it('sets columns under each other, numbers to the right', () => {
    expect(
      table(
        columns,
        [
          ['acme', '7', 'fine'],
          ['b', '1,204', ''],
        ],
        80,
      ),
    ).toEqual(['ID        N  TEXT', 'acme      7  fine', 'b     1,204']);
  });

  it('cuts only what may be cut, and never below its least', () => {
    const long = 'a sentence that is much too long for the screen';
    const wide = table(columns, [['acme', '7', long]], 30);
    expect(wide.every((line) => shownWidth(line) <= 30)).toBe(true);
    expect(wide[1]).toMatch(/^acme {2}7 {2}a sentence.*…$/);
    expect(table(columns, [['acme', '7', long]], 5)[1]).toBe('acme  7  a sen…');
  });

  it('keeps a text with line breaks on its row', () => {
    expect(table([{ title: 'x' }], [['one\n  two']], 80)[1]).toBe('one two');
  });

  it('leaves out facts that are not there', () => {
    expect(
      facts([
        ['state', 'ready'],
        ['reason', null],
        ['x', undefined],
        ['plan', 'pro'],
      ]),
    ).toEqual(['state  ready', 'plan   pro']);
  });
});

describe('times and sizes', () => {
  it.each([
    [340, '340 ms'],
    [2_440, '2.4 s'],
    [59_949, '59.9 s'],
    [59_999, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [100 * 3_600_000, '4 d 4 h'],
  ])('%i ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 KB'],
    [1_048_576, '1.0 MB'],
    [999 * 1_048_576, '999 MB'],
  ])('%i bytes is %s', (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });

  it('gives an age in whole seconds', () => {
    expect(age(new Date(10_000), new Date(22_400))).toBe('12 s');
    expect(age(new Date(10_000), new Date(10_200))).toBe('now');
  });
});

describe('colour', () => {
  it('goes to a terminal only, and not where NO_COLOR is set', () => {
    expect(paintFor({ isTTY: true }, false)('red', 'x')).toBe('\u001b[31mx\u001b[39m');
    expect(paintFor({ isTTY: true }, true)('red', 'x')).toBe('x');
    expect(paintFor({}, false)('red', 'x')).toBe('x');
    expect(shownWidth('\u001b[31mx✓\u001b[39m')).toBe(2);
  });
});

describe('fitRow', () => {
  it('keeps a row to its screen, and what fits as it is', () => {
    expect(fitRow('\u001b[31mfits\u001b[39m', 10)).toBe('\u001b[31mfits\u001b[39m');
    expect(fitRow('\u001b[31mtoo long by far\u001b[39m', 10)).toBe('too long…');
    expect(fitRow('x'.repeat(119), 0)).toHaveLength(119);
  });
});

describe('output with --json', () => {
  it('is one document on stdout and nothing else', () => {
    const out = new PassThrough();
    const err = new PassThrough();
    const output = new Output(true, false, out, err);
    output.line('for a person');
    output.note('meanwhile');
    output.document({ ok: true });
    expect(JSON.parse(String(out.read()))).toEqual({ ok: true });
    expect(err.read()).toBeNull();
  });
});

describe('a time that somebody types', () => {
  it.each([
    ['0', 0],
    ['500ms', 500],
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['30d', 2_592_000_000],
  ])('%s is %d ms', (text, ms) => expect(milliseconds(text)).toBe(ms));

  it.each(['', '5', '1.5h', '-1s', '1 h', '2w'])('%j is refused', (text) => {
    expect(() => milliseconds(text)).toThrow(/for example 90s/);
  });
});
