import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { BerthError, quoteForMessage } from '@berth/domain';
import type { Migration } from '@berth/ports';
import { splitStatements, type SqlStatement } from './sql-statements.js';

/** First line of a file whose statements refuse a transaction, such as CREATE INDEX CONCURRENTLY. */
const noTransactionMark = /^--\s*berth:\s*no-transaction\s*$/;

export interface MigrationFile extends Migration {
  readonly file: string;
  readonly text: string;
  readonly statements: readonly SqlStatement[];
  readonly transactional: boolean;
}

/**
 * The `.sql` files of a folder in the order of their names (character by character: write 002, not 2).
 *
 * @throws BerthError `config-invalid` naming file and line: a folder that cannot be read, a command of psql, and what would
 *   break out of the transaction or out of the tenant's role.
 */
export async function readMigrationFiles(folder: string): Promise<readonly MigrationFile[]> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    throw new BerthError('config-invalid', `The folder of the migrations, ${folder}, cannot be read.`, { cause });
  }
  const files = names.filter((name) => name.endsWith('.sql') && !name.startsWith('.')).sort();
  for (const file of files) refuseName(file);
  return Promise.all(files.map((name) => readMigrationFile(folder, name)));
}

/** A name becomes a version, which is stored, shown and typed: no control characters, and nothing that UTF-8 cannot hold. */
function refuseName(file: string): void {
  if (!/[\p{C}\p{Zl}\p{Zp}\uFFFD]/u.test(file)) return;
  throw new BerthError(
    'config-invalid',
    `The migration file ${quoteForMessage(file)} has a character in its name that cannot be shown; rename it.`,
    { details: { file } },
  );
}

async function readContent(folder: string, file: string): Promise<Buffer> {
  const refused = (fault: string, cause?: unknown): BerthError =>
    new BerthError('config-invalid', `The migration file ${file} ${fault}.`, { cause, details: { file } });
  let content: Buffer;
  try {
    content = await readFile(path.join(folder, file));
  } catch (cause) {
    throw refused('cannot be read', cause);
  }
  // PostgreSQL gets what the file holds or nothing: a byte that was exchanged on the way would be the tenant's data.
  if (!isUtf8(content)) throw refused('is not UTF-8');
  if (content.includes(0)) throw refused('holds a NUL character');
  return content;
}

async function readMigrationFile(folder: string, file: string): Promise<MigrationFile> {
  const content = await readContent(folder, file);
  const text = content.toString('utf8').replace(/^\uFEFF/, '');
  const statements = splitStatements(text, file);
  for (const statement of statements) refuseEscape(file, statement);
  return {
    version: file.slice(0, -'.sql'.length),
    checksum: createHash('sha256').update(content).digest('hex'),
    file,
    text,
    statements,
    transactional: !noTransactionMark.test(text.split(/\r?\n/, 1)[0] ?? ''),
  };
}

/** Berth opens the transaction and sets the role; a file that ends either would go on as the cluster's admin. */
const escapes: readonly { readonly pattern: RegExp; readonly because: string }[] = [
  {
    pattern: /^(begin|start transaction|commit|end|rollback(?! to)|abort|prepare transaction)\b/,
    because: 'Berth runs each file in one transaction of its own; leave transaction commands out',
  },
  {
    pattern:
      /^(set (session |local )?(role|session authorization|authorization)|reset (role|all|session authorization)|discard)\b/,
    because:
      "Berth runs each file as the tenant's owner role; leave commands that change the role or the whole session out",
  },
  { pattern: /^copy .*\bfrom stdin\b/, because: 'COPY FROM STDIN has no input here; use INSERT' },
];

function refuseEscape(file: string, { words, line, text }: SqlStatement): void {
  const start = words.join(' ');
  const copied = words[0] === 'copy' ? text.toLowerCase().replace(/\s+/g, ' ') : start;
  const escape = escapes.find(({ pattern }) => pattern.test(copied));
  if (escape === undefined) return;
  throw new BerthError('config-invalid', `${file}, line ${line}: ${escape.because}.`, { details: { file, line } });
}
