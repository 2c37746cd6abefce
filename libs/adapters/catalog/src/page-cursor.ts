import { BerthError } from '@berth/domain';
import type { Page, PageRequest } from '@berth/ports';

/** Lists go on after a key, never at an offset: rows that come or go shift nothing. The kind keeps one list's cursor out of another's. */
export interface CursorKind {
  readonly letter: string;
  readonly key: RegExp;
}

export const tenantCursor: CursorKind = { letter: 't', key: /^[a-z0-9-]{1,63}$/ };
export const operationCursor: CursorKind = { letter: 'o', key: /^\d{1,18}$/ };
export const moveCursor: CursorKind = { letter: 'm', key: /^\d{1,18}$/ };
export const apiKeyCursor: CursorKind = { letter: 'k', key: /^\d{1,18}$/ };
export const auditCursor: CursorKind = { letter: 'a', key: /^\d{1,18}$/ };

/** The key after which the page begins; null: the first page. @throws `invalid-cursor` */
export function keyOf(kind: CursorKind, { cursor }: PageRequest): string | null {
  if (cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const key = text.slice(2);
  if (text.startsWith(`${kind.letter}:`) && kind.key.test(key) && cursorOf(kind, key) === cursor) return key;
  throw new BerthError('invalid-cursor', 'The cursor is not one that this list gave.', {
    hint: 'Use the "next" of the page before, unchanged, or leave the cursor out to begin anew.',
  });
}

/** A page from rows that were asked for with one more than the limit: the surplus row tells that there is a next page. */
export function pageOf<Row, Item>(
  kind: CursorKind,
  { limit }: PageRequest,
  rows: readonly Row[],
  read: { readonly item: (row: Row) => Item; readonly key: (row: Row) => string },
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? cursorOf(kind, read.key(last)) : null;
  return { items: shown.map(read.item), next };
}

function cursorOf(kind: CursorKind, key: string): string {
  return Buffer.from(`${kind.letter}:${key}`, 'utf8').toString('base64url');
}
