import { BerthError } from '@berth/domain';

/** One statement of a file, without its semicolon. */
export interface SqlStatement {
  readonly text: string;
  /** Line of its first word, 1 for the first. */
  readonly line: number;
  /** Its first words in lower case, comments left out: enough to tell what it does. */
  readonly words: readonly string[];
}

const wordsKept = 6;

/** What cannot hold a semicolon or a backslash of ours, longest first. Sticky: tried at one position. */
const skipped: readonly RegExp[] = [
  /--[^\n]*/y,
  // E'' strings: a backslash hides the next character. Only where the E is no part of a longer word.
  /(?<![\w$])[eE]'(?:[^'\\]|''|\\[\s\S])*'/y,
  /'(?:[^']|'')*'/y,
  /"(?:[^"]|"")*"/y,
  /(?<![\w$])\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$/y,
];
const word = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;

/**
 * Splits a file as psql does: at semicolons outside strings, comments, parentheses and the bodies of SQL functions
 * (`BEGIN ATOMIC … END`). @throws BerthError `config-invalid` at a psql command (`\i`, `\connect` …), with its line.
 */
export function splitStatements(sql: string, file: string): readonly SqlStatement[] {
  return new Splitter(sql, file).split();
}

class Splitter {
  readonly #statements: SqlStatement[] = [];
  #at = 0;
  #start: number | undefined;
  #words: string[] = [];
  #parentheses = 0;
  #blocks = 0;

  constructor(
    private readonly sql: string,
    private readonly file: string,
  ) {}

  split(): readonly SqlStatement[] {
    while (this.#at < this.sql.length) this.#step();
    this.#end();
    return this.#statements;
  }

  #step(): void {
    const comment = this.sql.startsWith('/*', this.#at) ? this.#commentEnd() : undefined;
    if (comment !== undefined) {
      this.#at = comment;
      return;
    }
    const skip = skipped.map((pattern) => this.#match(pattern)).find((match) => match !== undefined);
    if (skip !== undefined) {
      if (!skip.startsWith('--')) this.#begin();
      this.#at += skip.length;
      return;
    }
    const name = this.#match(word);
    if (name !== undefined) {
      this.#begin();
      this.#meet(name.toLowerCase());
      this.#at += name.length;
      return;
    }
    this.#character(this.sql.charAt(this.#at));
    this.#at += 1;
  }

  #character(character: string): void {
    if (character === ';' && this.#parentheses === 0 && this.#blocks === 0) {
      this.#end();
      return;
    }
    if (character === '\\') {
      const command = /^\S*/.exec(this.sql.slice(this.#at))?.[0] ?? '\\';
      throw new BerthError(
        'config-invalid',
        `${this.file}, line ${this.#lineOf(this.#at)}: ${command} is a command of psql, not SQL.`,
        {
          hint: 'Write the migration in SQL alone.',
        },
      );
    }
    if (character === '(') this.#parentheses += 1;
    if (character === ')') this.#parentheses = Math.max(0, this.#parentheses - 1);
    if (/\S/.test(character)) this.#begin();
  }

  /** Words that open and close a block, in a function's body alone: elsewhere BEGIN is a statement. */
  #meet(name: string): void {
    if (this.#words.length < wordsKept) this.#words.push(name);
    const routine = /^create (or replace )?(function|procedure) /.test(`${this.#words.join(' ')} `);
    if (!routine) return;
    if (name === 'begin' || (name === 'case' && this.#blocks > 0)) this.#blocks += 1;
    if (name === 'end') this.#blocks = Math.max(0, this.#blocks - 1);
  }

  /** Comments of SQL nest. */
  #commentEnd(): number {
    let depth = 0;
    const edge = /\/\*|\*\//g;
    edge.lastIndex = this.#at;
    for (let match = edge.exec(this.sql); match !== null; match = edge.exec(this.sql)) {
      depth += match[0] === '/*' ? 1 : -1;
      if (depth === 0) return edge.lastIndex;
    }
    return this.sql.length;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.sql)?.[0];
  }

  #begin(): void {
    this.#start ??= this.#at;
  }

  #end(): void {
    if (this.#start !== undefined) {
      const text = this.sql.slice(this.#start, this.#at).trimEnd();
      this.#statements.push({ text, line: this.#lineOf(this.#start), words: this.#words });
    }
    this.#start = undefined;
    this.#words = [];
    this.#parentheses = 0;
    this.#blocks = 0;
  }

  #lineOf(index: number): number {
    return lineAt(this.sql, index);
  }
}

/** The line, 1 for the first, of a place in a text. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** The server counts characters, JavaScript counts UTF-16 units. */
export function lineOfPosition(text: string, position: number): number {
  return [...text].slice(0, position - 1).filter((character) => character === '\n').length + 1;
}
