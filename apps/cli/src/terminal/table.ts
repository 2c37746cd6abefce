import { shownWidth } from './colour.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Narrowest that it may be cut to when the screen is narrow; without it the column is never cut. */
  readonly atLeast?: number;
}

const gap = '  ';

/** Lines of a table without frames. Where it is too wide, columns that may be cut are, the widest first. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const cells = rows.map((row) => columns.map((_, index) => oneLine(row[index] ?? '')));
  const natural = columns.map(({ title }, index) =>
    Math.max(shownWidth(title), ...cells.map((row) => shownWidth(row[index] ?? ''))),
  );
  const widths = fitted(columns, natural, width - gap.length * (columns.length - 1));
  const line = (texts: readonly string[]): string =>
    columns
      .map(({ align }, index) => padded(cut(texts[index] ?? '', widths[index] ?? 0), widths[index] ?? 0, align))
      .join(gap)
      .trimEnd();
  return [line(columns.map(({ title }) => title.toUpperCase())), ...cells.map(line)];
}

function fitted(columns: readonly Column[], natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, one) => sum + one, 0) - room;
  while (excess > 0) {
    let widest = -1;
    for (const [index, { atLeast }] of columns.entries()) {
      const wide = widths[index] ?? 0;
      if (atLeast !== undefined && wide > atLeast && wide > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === -1) return widths; // Nothing more may be cut: a long line is better than a lost word.
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}

function cut(text: string, width: number): string {
  if (shownWidth(text) <= width) return text;
  return `${[...text].slice(0, width - 1).join('')}…`;
}

function padded(text: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - shownWidth(text)));
  return align === 'right' ? space + text : text + space;
}

/** `name: value` lines with the values under each other; empty values are left out. */
export function facts(pairs: readonly (readonly [string, string | null | undefined])[]): string[] {
  const present = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null && pair[1] !== undefined);
  const width = Math.max(0, ...present.map(([name]) => shownWidth(name)));
  return present.map(([name, value]) => `${padded(name, width, 'left')}  ${value}`);
}
