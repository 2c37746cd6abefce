import type { Difference, Place } from '@berth/domain';
import type { LongWork, TenantComparison } from '@berth/ports';

/** A damage that a comparison must find. */
export const comparisonDamages = [
  'changed-row',
  'missing-row',
  'extra-row',
  'sequence-behind',
  'missing-index',
  'missing-table',
] as const;
export type ComparisonDamage = (typeof comparisonDamages)[number];

export interface TenantComparisonSubject {
  readonly comparison: TenantComparison;
  /** Two equal places: the table `item` with 3 rows by the key `id` 1 to 3, an index `item_name`, a sequence `item_number`. */
  readonly makePair: (tenantId: string) => Promise<{ readonly source: Place; readonly target: Place }>;
  /** Rows are damaged at the key 2; the extra row has the key 9. */
  readonly damage: (target: Place, damage: ComparisonDamage) => Promise<void>;
  readonly close: () => Promise<void>;
}

const expected: Readonly<Record<ComparisonDamage, Pick<Difference, 'kind' | 'object'>>> = {
  'changed-row': { kind: 'changed-row', object: 'item (id) = (2)' },
  'missing-row': { kind: 'missing-row', object: 'item (id) = (2)' },
  'extra-row': { kind: 'extra-row', object: 'item (id) = (9)' },
  'sequence-behind': { kind: 'sequence-position', object: 'item_number' },
  'missing-index': { kind: 'index', object: 'item.item_name' },
  'missing-table': { kind: 'table', object: 'item' },
};

/** What every comparison finds. */
export function describeTenantComparisonContract(
  name: string,
  makeSubject: () => Promise<TenantComparisonSubject>,
): void {
  describe(`the tenant comparison ${name}`, () => {
    let subject: TenantComparisonSubject;
    let pair: { readonly source: Place; readonly target: Place };
    let count = 0;

    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterAll(async () => {
      await subject?.close();
    });
    beforeEach(async () => {
      count += 1;
      pair = await subject.makePair(`compared-${count}`);
    });

    const work = (): LongWork => ({ signal: new AbortController().signal, onProgress: () => undefined });

    it('finds equal places equal, with the rows and bytes of each table', async () => {
      const report = await subject.comparison.compare(pair.source, pair.target, work());
      expect(report).toMatchObject({ equal: true, rows: 3, differences: [], differenceCount: 0 });
      expect(report.tables).toEqual([
        {
          ...{
            table: 'item',
            sourceRows: 3,
            targetRows: 3,
            bytes: expect.any(Number),
            ms: expect.any(Number),
            equal: true,
          },
          ...{ sourceHash: expect.any(String), targetHash: report.tables[0]?.sourceHash },
        },
      ]);
      expect(report.bytes).toBeGreaterThan(0);
      expect(Date.parse(report.comparedAt)).not.toBeNaN();
    });

    it.each(comparisonDamages)('finds and names: %s', async (damage) => {
      await subject.damage(pair.target, damage);
      const report = await subject.comparison.compare(pair.source, pair.target, work());
      expect(report.equal).toBe(false);
      expect(report.differenceCount).toBeGreaterThan(0);
      expect(report.differences).toContainEqual({ ...expected[damage], message: expect.stringMatching(/./) });
      const rowsAreEqual = damage === 'sequence-behind' || damage === 'missing-index';
      expect(report.tables.find(({ table }) => table === 'item')).toMatchObject({ equal: rowsAreEqual });
    });

    it('compares definitions alone, whichever end has more', async () => {
      const { comparison } = subject;
      await subject.damage(pair.target, 'changed-row');
      await subject.damage(pair.target, 'sequence-behind');
      expect(await comparison.compareDefinitions(pair.source, pair.target)).toEqual([]);
      await subject.damage(pair.target, 'missing-index');
      const found = [expect.objectContaining(expected['missing-index'])];
      expect(await comparison.compareDefinitions(pair.source, pair.target)).toEqual(found);
      expect(await comparison.compareDefinitions(pair.target, pair.source)).toEqual(found);
    });

    it('compares nothing once it is cancelled', async () => {
      const abort = new AbortController();
      abort.abort();
      const cancelled = subject.comparison.compare(pair.source, pair.target, { ...work(), signal: abort.signal });
      await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    });
  });
}
