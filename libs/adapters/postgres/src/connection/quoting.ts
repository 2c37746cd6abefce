import { BerthError, quoteForMessage } from '@berth/domain';

declare const quotedIdentBrand: unique symbol;
/** An identifier (or a qualified name) that is ready to stand in SQL. Only this file makes one. */
export type QuotedIdent = string & { readonly [quotedIdentBrand]: true };

/** PostgreSQL cuts longer names without an error, and two tenants would share one object. */
const longestNameBytes = 63;

/** Quotes one name. @throws BerthError `invalid-name` for a name that is empty, holds NUL or would be cut at 63 bytes. */
export function quoteIdent(name: string): QuotedIdent {
  if (name === '' || name.includes('\0')) {
    throw new BerthError('invalid-name', `${quoteForMessage(name)} cannot be a name in PostgreSQL.`);
  }
  if (Buffer.byteLength(name) > longestNameBytes) {
    throw new BerthError(
      'invalid-name',
      `The name ${quoteForMessage(name)} is longer than ${longestNameBytes} bytes; PostgreSQL would cut it.`,
    );
  }
  return `"${name.replaceAll('"', '""')}"` as QuotedIdent;
}

/** `"schema"."name"`. */
export function quoteQualified(schema: string, name: string): QuotedIdent {
  return `${quoteIdent(schema)}.${quoteIdent(name)}` as QuotedIdent;
}

/**
 * A string literal for statements that take no parameters (DDL). With a backslash it takes the `E''` form, so that the text
 * means the same whatever `standard_conforming_strings` says.
 */
export function quoteLiteral(text: string): string {
  if (text.includes('\0'))
    throw new BerthError('invalid-request', 'A text with a NUL character cannot be sent to PostgreSQL.');
  const doubled = text.replaceAll("'", "''");
  return text.includes('\\') ? ` E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}
