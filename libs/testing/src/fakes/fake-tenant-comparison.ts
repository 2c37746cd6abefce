import { createHash } from 'node:crypto';
import { BerthError, type ComparisonReport, type Difference, type Place, type TableComparison } from '@berth/domain';
import { type LongWork, TenantComparison } from '@berth/ports';
import { type FakeSchema, FakeTenantData } from './fake-tenant-data.js';

/** Compares schemas in memory, truly: what a test changes by hand is found. */
export class FakeTenantComparison extends TenantComparison {
  constructor(readonly data: FakeTenantData = new FakeTenantData()) {
    super();
  }

  async compare(source: Place, target: Place, work: LongWork): Promise<ComparisonReport> {
    if (work.signal.aborted) throw new BerthError('cancelled', 'The comparison was cancelled.');
    const report = compareSchemas(this.data.schema(source), this.data.schema(target));
    work.onProgress({ text: 'comparing', done: report.rows, total: report.rows, unit: 'rows' });
    return report;
  }

  async compareDefinitions(source: Place, target: Place): Promise<readonly Difference[]> {
    return definitionDifferences(this.data.schema(source), this.data.schema(target));
  }
}

export function compareSchemas(source: FakeSchema, target: FakeSchema): ComparisonReport {
  const differences = [...definitionDifferences(source, target), ...positionDifferences(source, target)];
  const tables: TableComparison[] = [];
  for (const [table, rows] of source.tables) {
    const found = rowDifferences(table, rows, target.tables.get(table) ?? new Map());
    differences.push(...found);
    const targetRows = target.tables.get(table)?.size ?? 0;
    const bytes = [...rows.values()].reduce((total, row) => total + Buffer.byteLength(row), 0);
    tables.push({
      table,
      sourceRows: rows.size,
      targetRows,
      bytes,
      ms: 0,
      equal: found.length === 0 && target.tables.has(table),
      sourceHash: hashOf(rows),
      targetHash: hashOf(target.tables.get(table) ?? new Map()),
    });
  }
  return {
    equal: differences.length === 0,
    rows: tables.reduce((total, { sourceRows }) => total + sourceRows, 0),
    bytes: tables.reduce((total, { bytes }) => total + bytes, 0),
    ms: 0,
    tables,
    differences: differences.slice(0, 100),
    differenceCount: differences.length,
    comparedAt: new Date().toISOString(),
  };
}

const hashOf = (rows: ReadonlyMap<string, string>): string =>
  createHash('sha256')
    .update(JSON.stringify([...rows].sort()))
    .digest('hex');

function rowDifferences(
  table: string,
  source: ReadonlyMap<string, string>,
  target: ReadonlyMap<string, string>,
): readonly Difference[] {
  return [...new Set([...source.keys(), ...target.keys()])].flatMap((key) => {
    const [ours, theirs] = [source.get(key), target.get(key)];
    if (ours === theirs) return [];
    const kind = ours === undefined ? 'extra-row' : theirs === undefined ? 'missing-row' : 'changed-row';
    const object = `${table} (id) = (${key})`;
    return [{ kind, object, message: `row ${object}: ${kind}` }];
  });
}

function definitionDifferences(source: FakeSchema, target: FakeSchema): readonly Difference[] {
  const names = new Set([...source.definitions.keys(), ...target.definitions.keys()]);
  return [...names].flatMap((name) => {
    if (source.definitions.get(name) === target.definitions.get(name)) return [];
    const at = name.indexOf(' ');
    const [kind, object] = [name.slice(0, at) as Difference['kind'], name.slice(at + 1)];
    return [{ kind, object, message: `${name} differs` }];
  });
}

function positionDifferences(source: FakeSchema, target: FakeSchema): readonly Difference[] {
  return [...source.sequences].flatMap(([object, value]) =>
    target.sequences.get(object) === value
      ? []
      : [{ kind: 'sequence-position' as const, object, message: `sequence ${object} differs` }],
  );
}
