/** What one array of figures looks like, beyond its median. */
export interface Distribution {
  /** The array's name, and the figure's inside it where each element has several: `rounds: times.lock`. */
  readonly name: string;
  readonly unit: string;
  readonly n: number;
  readonly min: number;
  readonly median: number;
  readonly p90: number;
  /** Null below 100 figures: it would be the largest one under another name. */
  readonly p99: number | null;
  readonly max: number;
}

/** One unit for all, or one by name: of an array, of a figure inside its elements, or of what holds the figure. */
export type Units = string | Readonly<Record<string, string>>;

/** What a figure's own name says about its unit: the house writes it there. */
const byEnding: readonly (readonly [RegExp, string])[] = [
  [/megabytesPerSecond$/, 'MB/s'],
  [/ms$/i, 'ms'],
  [/seconds$/i, 's'],
  [/bytes$/i, 'bytes'],
];

/** Of every figure in the arrays, in their order; a list inside an element is one series with those of the other elements. */
export function distributionsOf(
  samples: Readonly<Record<string, readonly unknown[]>>,
  units: Units = {},
): readonly Distribution[] {
  return Object.entries(samples).flatMap(([sample, elements]) => {
    const found = new Map<string, number[]>();
    for (const element of elements) collect(element, [], found);
    return [...found].map(([figure, values]) => ({
      name: figure === '' ? sample : `${sample}: ${figure}`,
      unit: unitOf([sample, ...figure.split('.')], units),
      ...distributionOf(values),
    }));
  });
}

/** Of at least one value. The nearest rank: each figure that is told was measured, but for the median of an even number of them. */
function distributionOf(values: readonly number[]): Omit<Distribution, 'name' | 'unit'> {
  const sorted = [...values].sort((one, other) => one - other);
  const n = sorted.length;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const percentile = (share: number): number => at(Math.ceil(n * share) - 1);
  return {
    ...{ n, min: at(0), median: (at(Math.floor((n - 1) / 2)) + at(Math.floor(n / 2))) / 2 },
    ...{ p90: percentile(0.9), p99: n < 100 ? null : percentile(0.99), max: at(n - 1) },
  };
}

function collect(element: unknown, path: readonly string[], into: Map<string, number[]>): void {
  if (typeof element === 'number') {
    const name = path.join('.');
    const known = into.get(name);
    if (known === undefined) into.set(name, [element]);
    else known.push(element);
  } else if (Array.isArray(element)) {
    for (const inner of element) collect(inner, path, into);
  } else if (typeof element === 'object' && element !== null)
    for (const [name, inner] of Object.entries(element)) collect(inner, [...path, name], into);
}

/** By the nearest name that says it: the figure's own, that of what holds it, the array's. */
function unitOf(path: readonly string[], units: Units): string {
  if (typeof units === 'string') return units;
  for (const name of [...path].reverse()) {
    const unit = units[name] ?? byEnding.find(([ending]) => ending.test(name))?.[1];
    if (unit !== undefined) return unit;
  }
  return '';
}

const columns = ['n', 'min', 'median', 'p90', 'p99', 'max'] as const;

/** A line each, below one that names the columns. */
export function distributionLines(distributions: readonly Distribution[]): readonly string[] {
  const wide = Math.max(44, ...distributions.map(({ name }) => name.length));
  const line = (name: string, cells: readonly string[], unit: string): string =>
    `${name.padEnd(wide)} ${cells.map((cell) => cell.padStart(9)).join(' ')} ${unit}`.trimEnd();
  const cell = (value: number | null): string => (value === null ? '-' : String(Number(value.toPrecision(4))));
  return [
    line('every figure that was measured', columns, ''),
    ...distributions.map((one) =>
      line(
        one.name,
        columns.map((column) => cell(one[column])),
        one.unit,
      ),
    ),
  ];
}
