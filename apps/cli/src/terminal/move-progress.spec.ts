import { lagText, type MoveProgress, retainedText, verifiedText, watchedLines, workText } from './move-progress.js';

const now = new Date('2026-11-28T10:00:00Z');
const nothing: MoveProgress = {
  ...{ step: null, tables: null, rows: null, bytes: null, secondsLeft: null },
  ...{ lag: null, retained: null, verifiedAt: null, verificationAgeSeconds: null, trouble: null },
};
const lag = (seconds: number | null, at = '2026-11-28T09:59:30Z') => ({ bytes: 12 * 2 ** 20, seconds, at });

describe('the progress of a move, for a person', () => {
  it.each<[Partial<MoveProgress>, string | null]>([
    [{}, null],
    [{ step: 'create-instance' }, 'create-instance'],
    [{ step: 'copy-rows' }, 'copy-rows'],
    [
      {
        step: 'copy-rows',
        bytes: { done: 1.2 * 2 ** 30, total: 4 * 2 ** 30 },
        tables: { done: 31, total: 138 },
        secondsLeft: 190,
      },
      'copied 1.2 GB of 4.0 GB, 31 of 138 tables, about 3 min left',
    ],
    [
      { step: 'verify-live', rows: { done: 15_607, total: null }, secondsLeft: 42 },
      'compared 15,607 rows, about 42 s left',
    ],
    [{ step: 'refresh-views', tables: { done: 1, total: 3 } }, 'refresh-views, 1 of 3 tables'],
  ])('tells of %j: %s', (known, text) => {
    expect(workText({ ...nothing, ...known })).toBe(text);
  });

  it('tells the lag by what is known of it, and since when if that is long ago', () => {
    expect(lagText({ ...nothing, lag: lag(0.4) }, now)).toBe('12.0 MB, 400 ms');
    expect(lagText({ ...nothing, lag: lag(null) }, now)).toBe('12.0 MB');
    expect(lagText({ ...nothing, lag: lag(7_500, '2026-11-28T09:55:00Z') }, now)).toBe(
      '12.0 MB, 2 h 5 min (5 min ago)',
    );
  });

  it('tells how much log is kept, and warns in time, also those who watch', () => {
    const retained = { bytes: 9 * 2 ** 30, maxBytes: 16 * 2 ** 30, warns: true };
    const warning = '9.0 GB of at most 16.0 GB: MUCH, see what keeps the other end from following';
    expect(retainedText({ ...nothing, retained })).toBe(warning);
    expect(watchedLines({ ...nothing, retained })).toEqual([`log kept ${warning}`]);
    const little = { ...retained, bytes: 2 ** 20, warns: false };
    expect(retainedText({ ...nothing, retained: little })).toBe('1.0 MB of at most 16.0 GB');
    expect(watchedLines({ ...nothing, retained: little })).toEqual([]);
  });

  it('tells the age of the verification roughly', () => {
    expect(verifiedText({ ...nothing, verificationAgeSeconds: 241 })).toBe('4 min ago');
    expect(verifiedText({ ...nothing, verificationAgeSeconds: 12 })).toBe('12 s ago');
  });

  it('leaves out of the watched lines what nobody knows', () => {
    expect(watchedLines(nothing, now)).toEqual([]);
    const known = { ...nothing, lag: lag(0.4), verificationAgeSeconds: 7_200 };
    expect(watchedLines(known, now)).toEqual(['lag 12.0 MB, 400 ms', 'verified 2 h ago']);
  });
});
