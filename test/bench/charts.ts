import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { median } from './rounds.js';

/** One row: a name and every value that was measured, as dots. */
export interface Dots {
  readonly name: string;
  readonly values: readonly number[];
}

/** One row: a name and its parts, end to end. */
export interface Bar {
  readonly name: string;
  readonly parts: readonly { readonly name: string; readonly value: number }[];
  /** Every value of the whole that was measured, as dots over the bar. */
  readonly points?: readonly number[];
}

export interface Line {
  readonly name: string;
  readonly at: number;
}

const [left, width, rowHeight, top] = [230, 620, 34, 56];
const colours = ['#4e79a7', '#f28e2b', '#59a14f', '#e15759', '#76b7b2', '#b07aa1', '#9c755f'];

/** Writes SVG files into a folder, a temporary one where none is named, and prints their paths. */
export async function writeCharts(folder: string, charts: Readonly<Record<string, string>>): Promise<void> {
  const into = folder === '' ? await mkdtemp(path.join(tmpdir(), 'berth-charts-')) : path.resolve(folder);
  await mkdir(into, { recursive: true });
  for (const [name, svg] of Object.entries(charts)) {
    const file = path.join(into, `${name}.svg`);
    await writeFile(file, svg);
    console.log(`chart: ${file}`);
  }
}

export function dotChart(title: string, unit: string, rows: readonly Dots[], lines: readonly Line[]): string {
  const most = Math.max(...rows.flatMap(({ values }) => values), ...lines.map(({ at }) => at)) * 1.05;
  const body = rows.flatMap(({ values }, row) => {
    const middle = x(median(values), most);
    const dots = values.map(
      (value) => `<circle cx="${x(value, most)}" cy="${y(row)}" r="4" fill="${colours[0]}" opacity="0.55"/>`,
    );
    return [...dots, `<path d="M${middle} ${y(row) - 10}v20" stroke="#222" stroke-width="2"/>`];
  });
  return drawing(title, unit, rows, most, [
    ...body,
    ...lines.map((line, index) => lineAt(line, index, most, rows.length)),
  ]);
}

export function barChart(title: string, unit: string, rows: readonly Bar[]): string {
  const whole = ({ parts }: Bar): number => parts.reduce((sum, { value }) => sum + value, 0);
  const most = Math.max(...rows.map(whole), ...rows.flatMap(({ points }) => points ?? [])) * 1.05;
  const names = [...new Set(rows.flatMap(({ parts }) => parts.map(({ name }) => name)))];
  const body = rows.flatMap(({ parts, points }, row) => {
    let from = 0;
    const bars = parts.map(({ name, value }) => {
      const begin = from;
      from += value;
      const wide = (x(from, most) - x(begin, most)).toFixed(1);
      return `<rect x="${x(begin, most)}" y="${y(row) - 11}" width="${wide}" height="22" fill="${colourOf(names, name)}"><title>${name}: ${value.toFixed(1)} ${unit}</title></rect>`;
    });
    const dots = (points ?? []).map(
      (value) => `<circle cx="${x(value, most)}" cy="${y(row)}" r="4" fill="#222" opacity="0.6"/>`,
    );
    return [...bars, ...dots];
  });
  const legend = names.map(
    (name, index) =>
      `<rect x="${left + index * 88}" y="34" width="10" height="10" fill="${colourOf(names, name)}"/><text x="${left + 14 + index * 88}" y="43">${name}</text>`,
  );
  return drawing(title, unit, rows, most, [...body, ...legend]);
}

const x = (value: number, most: number): number => Number((left + (value / most) * width).toFixed(1));
const y = (row: number): number => top + rowHeight * (row + 0.5);
const colourOf = (names: readonly string[], name: string): string =>
  colours[names.indexOf(name) % colours.length] ?? '#888';

/** The first one's name stands to its left, so that it is not written over by the next. */
function lineAt({ name, at }: Line, index: number, most: number, rows: number): string {
  const place = x(at, most);
  const anchor = index === 0 ? 'end' : 'start';
  return `<path d="M${place} ${top}v${rows * rowHeight}" stroke="#e15759" stroke-dasharray="4 3"/><text x="${place}" y="${top - 6}" text-anchor="${anchor}" fill="#e15759">${name}</text>`;
}

function drawing(
  title: string,
  unit: string,
  rows: readonly { readonly name: string }[],
  most: number,
  body: readonly string[],
): string {
  const bottom = top + rows.length * rowHeight;
  const step = 10 ** Math.floor(Math.log10(most)) / (most / 10 ** Math.floor(Math.log10(most)) < 3 ? 4 : 1);
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
  const axis = ticks.map(
    (tick) =>
      `<path d="M${x(tick, most)} ${top}V${bottom}" stroke="#ddd"/><text x="${x(tick, most)}" y="${bottom + 16}" text-anchor="middle">${Number(tick.toPrecision(3))}</text>`,
  );
  const names = rows.map(
    ({ name }, row) => `<text x="${left - 10}" y="${y(row) + 4}" text-anchor="end">${name}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 40}" height="${bottom + 40}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="${left}" y="20" font-size="15">${title}</text>`,
    ...axis,
    ...names,
    ...body,
    `<text x="${left + width}" y="${bottom + 34}" text-anchor="end">${unit}</text>`,
    '</svg>',
    '',
  ].join('\n');
}
