import { keyOf, type Cell, type Ending } from './cells.js';

/** A cell that was broken and came to the end that it should. */
export interface Row extends Pick<Cell, 'saga' | 'direction' | 'point' | 'ending'> {
  readonly scenario: string;
  readonly step: string;
  /** As in `Place`. */
  readonly call: number;
  readonly endedAs: string;
}

/** What of the wanted cells no row shows. */
export function missingIn(rows: readonly Row[], wanted: readonly string[]): readonly string[] {
  const shown = new Set(rows.map((row) => keyOf(row.scenario, row.step, row)));
  return wanted.filter((cell) => !shown.has(cell));
}

/** A line for each place where the worker was killed: how the operations ended that were resumed, and that were cancelled. */
export function crashTable(rows: readonly Row[]): string {
  const places = new Map<string, Row[]>();
  for (const row of rows) {
    const { saga, step, direction, point, call } = row;
    const act = direction === 'run' ? '' : 'undo, ';
    const place = [saga, step, `${act}${point}${point === 'inside' ? `, call ${String(call)}` : ''}`].join('\t');
    places.set(place, [...(places.get(place) ?? []), row]);
  }
  const lines = [...places].map(([place, its]) => [...place.split('\t'), ends(its, 'resume'), ends(its, 'cancel')]);
  const steps = new Set(rows.map(({ saga, step }) => `${saga}/${step}`)).size;
  const undos = new Set(rows.filter(isUndo).map(({ saga, step }) => `${saga}/${step}`)).size;
  const counts = `${String(steps)} steps, ${String(undos)} undos, ${String(places.size)} places`;
  const totals = `${counts}, ${String(rows.length)} cells, ${String(rows.filter(isUndo).length)} of them in an undo`;
  return `${aligned([['saga', 'step', 'killed', 'resume', 'cancel'], ...lines])}\n${totals}`;
}

const isUndo = ({ direction }: Row): boolean => direction === 'undo';

/** `succeeded ×3`; a cancellation after the point of no return succeeds too, as the operation then goes forward. */
function ends(rows: readonly Row[], ending: Ending): string {
  const counts = new Map<string, number>();
  for (const row of rows) if (row.ending === ending) counts.set(row.endedAs, (counts.get(row.endedAs) ?? 0) + 1);
  return [...counts].map(([end, count]) => (count === 1 ? end : `${end} ×${String(count)}`)).join(', ');
}

/** The first line is the head. */
export function aligned(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  return table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
