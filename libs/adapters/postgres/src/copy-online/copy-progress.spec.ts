import type { Progress } from '@berth/domain';
import type { CopyPart } from './copy-parts.js';
import { CopyProgress } from './copy-progress.js';

const part = (table: string, number: number, bytes: number): CopyPart => ({
  ...{ table, number, bytes },
  ...{ query: '', into: '', file: '', whole: false },
});

describe('the progress of a copy', () => {
  const parts = [part('album', 0, 60), part('album', 1, 60), part('item', 0, 30)] as const;
  let told: Progress[];
  const begin = (kept: ConstructorParameters<typeof CopyProgress>[1] = []) => {
    told = [];
    return new CopyProgress(parts, kept, {
      signal: new AbortController().signal,
      onProgress: (one) => void told.push(one),
    });
  };

  it('counts a table when all its parts have arrived, and rows as they do', () => {
    const progress = begin();
    progress.add(parts[0], 40);
    expect(told.at(-1)).toMatchObject({ text: 'copying album', done: 40, total: 150, unit: 'bytes' });
    progress.arrived(parts[0], 7);
    expect(told.at(-1)?.also).toEqual([
      { done: 0, total: 2, unit: 'tables' },
      { done: 7, total: null, unit: 'rows' },
    ]);
    progress.arrived(parts[1], 5);
    progress.arrived(parts[2], 1);
    expect(told.at(-1)?.also).toEqual([
      { done: 2, total: 2, unit: 'tables' },
      { done: 13, total: null, unit: 'rows' },
    ]);
  });

  it('tells at once that it waits for a standby, before anything else that slows it, and that it goes on', () => {
    const progress = begin();
    progress.add(parts[2], 10);
    progress.setPace({ bytesPerSecond: 1_048_576, yielding: true });
    progress.setBehind({ name: 'replica-1', bytes: 80.25 * 1_048_576 }, 64 * 1_048_576);
    const waiting = 'copying item, paused: the standby replica-1 of the source is 80.3 MB behind, more than 64.0 MB';
    expect(told.at(-1)).toMatchObject({ text: waiting, done: 10 });
    progress.setBehind(null, 64 * 1_048_576);
    expect(told.at(-1)?.text).toBe('copying item, yielding to other tenants of the source: at most 1.0 MB/s');
  });

  it('counts tables that an earlier try had brought, and no rows where it does not know them all', () => {
    const progress = begin([{ table: 'kept', bytes: 50, file: '1', arrived: true }]);
    progress.arrived(parts[2], 1);
    expect(told.at(-1)).toMatchObject({ done: 50, total: 200, also: [{ done: 2, total: 3, unit: 'tables' }] });
    const other = begin();
    other.arrived(parts[2], null);
    other.arrived(parts[0], 7);
    expect(told.at(-1)?.also).toEqual([{ done: 1, total: 2, unit: 'tables' }]);
  });
});
