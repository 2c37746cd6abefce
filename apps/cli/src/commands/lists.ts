import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { CommandContext } from '../command-context.js';
import { table, type Column } from '../terminal/table.js';

export interface ListFlags {
  readonly limit: number;
  readonly all?: boolean;
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

const largestPage = 200;

export function listOptions(command: Command): Command {
  return command
    .option('--limit <n>', 'most rows to show', wholeNumber(1), 50)
    .option('--all', 'every row there is')
    .option('--cursor <cursor>', 'go on where a former list ended');
}

/** An argument parser for whole numbers. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(
      `It must be a whole number from ${String(least)}${most === Number.MAX_SAFE_INTEGER ? ' up' : ` to ${String(most)}`}.`,
    );
  };
}

/** Follows the cursors as far as rows are wanted. */
export async function collect<T>(
  flags: ListFlags,
  page: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<Page<T>> {
  const wanted = flags.all === true ? Number.MAX_SAFE_INTEGER : flags.limit;
  const items: T[] = [];
  let cursor = flags.cursor;
  for (;;) {
    const limit = Math.min(largestPage, wanted - items.length);
    const answered = await page(cursor === undefined ? { limit } : { limit, cursor });
    items.push(...answered.items);
    if (answered.next === null || items.length >= wanted) return { items, next: answered.next };
    cursor = answered.next;
  }
}

export function showList<T>(
  { output }: CommandContext,
  page: Page<T>,
  columns: readonly Column[],
  row: (item: T) => readonly string[],
  empty: string,
): void {
  output.document(page);
  if (page.items.length === 0) output.line(empty);
  else output.lines(table(columns, page.items.map(row), output.width));
  if (page.next !== null) output.note(`There are more: --all, or --cursor ${page.next}`);
}
