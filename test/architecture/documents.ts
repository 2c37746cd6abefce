import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from './seeded-tree.js';

/** One Markdown file, taken apart as far as its claims can be held against the code. */
export interface MarkdownFile {
  /** Relative to the repository. */
  readonly file: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** Text between single backticks, outside of code blocks. */
  readonly spans: readonly string[];
  /** Lines of code blocks. */
  readonly code: readonly string[];
  readonly links: readonly string[];
  readonly headings: readonly string[];
  /** Rows of tables, without the head; each cell trimmed. */
  readonly rows: readonly (readonly string[])[];
}

export function readMarkdown(file: string): MarkdownFile {
  const text = readFileSync(path.join(repositoryRoot, file), 'utf8');
  const lines = text.split('\n');
  const prose: string[] = [];
  const code: string[] = [];
  let inCode = false;
  for (const line of lines) {
    if (line.startsWith('```')) inCode = !inCode;
    else (inCode ? code : prose).push(line);
  }
  const plain = prose.join('\n');
  return {
    file,
    text,
    lines,
    code,
    spans: [...plain.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? ''),
    links: [...plain.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? ''),
    headings: prose.filter((line) => /^#{1,6} /.test(line)).map((line) => line.replace(/^#+ /, '')),
    rows: tableRows(prose),
  };
}

function tableRows(prose: readonly string[]): readonly (readonly string[])[] {
  return prose
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(prose[index + 1] ?? ''))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

function isRule(line: string): boolean {
  return /^\|[\s|:-]+\|$/.test(line);
}

/** README.md and everything below docs/. */
export function allMarkdown(): readonly MarkdownFile[] {
  const below = readdirSync(path.join(repositoryRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join('docs', file));
  return ['README.md', ...below.sort()].map(readMarkdown);
}

/** The code spans of one table cell. */
export function spansOf(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, span]) => span ?? '');
}

const ourFolders = /^(apps|libs|test|scripts|terraform|docs|\.ci)(\/|$)/;

/** What of a span names a file or a folder of this repository; null: it names none. */
export function repositoryPath(span: string): string | null {
  return ourFolders.test(span) && !/[\s<*…]/.test(span) ? span.replace(/\/$/, '') : null;
}

export function existsInRepository(file: string): boolean {
  return existsSync(path.join(repositoryRoot, file));
}

/** Where a link leads, relative to the repository, and the heading that it names there; null for the outside world. */
export function linkTarget(from: string, link: string): { readonly file: string; readonly anchor: string } | null {
  if (/^[a-z]+:/.test(link)) return null;
  const [target = '', anchor = ''] = link.split('#');
  return { file: target === '' ? from : path.normalize(path.join(path.dirname(from), target)), anchor };
}

/** The anchor that a heading gets where Markdown is shown. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}
