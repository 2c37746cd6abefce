import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { environmentSchema, readCliEnvironment } from '@berth/config';
import { errorCodes } from '@berth/domain';
import { completeOnline, moveOnline, sagas } from '@berth/operations';
import type { Command } from 'commander';
import { createProgram } from '../../apps/cli/src/program.js';
import {
  allMarkdown,
  anchorOf,
  existsInRepository,
  linkTarget,
  readMarkdown,
  repositoryPath,
  spansOf,
  type MarkdownFile,
} from './documents.js';
import { repositoryRoot } from './seeded-tree.js';

const documents = allMarkdown();
const read = (file: string): string => readFileSync(path.join(repositoryRoot, file), 'utf8');
const inEach = (find: (document: MarkdownFile) => readonly string[]): readonly string[] =>
  documents.flatMap((document) => find(document).map((fault) => `${document.file}: ${fault}`));

describe('the documents', () => {
  it('name no file that is not there', () => {
    const missing = inEach(({ spans }) =>
      spans
        .map(repositoryPath)
        .filter((file) => file !== null)
        .filter((file) => !existsInRepository(file)),
    );
    expect(missing).toEqual([]);
    expect(
      documents.flatMap(({ spans }) => spans.filter((span) => repositoryPath(span) !== null)).length,
    ).toBeGreaterThan(100);
  });

  it('link to files and headings that are there', () => {
    const broken = inEach(({ file, links }) =>
      links.filter((link) => {
        const target = linkTarget(file, link);
        if (target === null) return false;
        if (!existsInRepository(target.file)) return true;
        return target.anchor !== '' && !readMarkdown(target.file).headings.map(anchorOf).includes(target.anchor);
      }),
    );
    expect(broken).toEqual([]);
  });

  it('name only scripts that npm knows', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const unknown = inEach(({ text }) =>
      [...text.matchAll(/npm (?:run (?:--silent )?)?([a-z][a-z:-]*)/g)]
        .map(([, script]) => script ?? '')
        .filter((script) => !['install', 'ci', 'workspaces'].includes(script) && scripts[script] === undefined),
    );
    expect(unknown).toEqual([]);
  });

  it('keep the README to what a stranger reads', () => {
    expect(readMarkdown('README.md').lines.length).toBeLessThan(120);
  });
});

describe('commands of berth in the documents', () => {
  const program = createProgram('0');

  it('are commands with flags that exist', () => {
    const faults = inEach(({ spans, code }) => [...spans, ...code].flatMap((line) => faultOfCommand(program, line)));
    expect(faults).toEqual([]);
  });

  it.each([
    'berth tenants fly acme-corp',
    './berth moves start acme-corp --to shared --softly',
    'BERTH_HOME=/srv/berth berth sail',
  ])('%s would be found', (line) => {
    expect(faultOfCommand(program, line)).toEqual([line]);
  });
});

/** The line itself when it is a command line of berth that berth would not take. */
function faultOfCommand(program: Command, line: string): readonly string[] {
  const typed = /^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.\/)?berth (?<words>[^#|>]+)/.exec(line.trim())?.groups?.['words'];
  if (typed === undefined) return [];
  const words = typed.trim().split(/\s+/);
  const known = new Set(program.options.flatMap(({ long, short }) => [long, short]));
  let command = program;
  for (const word of words.filter((one) => !one.startsWith('-'))) {
    const child = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (child === undefined) {
      if (command.commands.length > 0 && !/^[<…]/.test(word)) return [line];
      break;
    }
    command = child;
    for (const { long, short } of command.options) known.add(long).add(short);
  }
  const flags = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*/, ''));
  return flags.every((flag) => known.has(flag) || flag === '--help') ? [] : [line];
}

describe('addresses of the API in the documents', () => {
  const { paths } = JSON.parse(read('apps/api/openapi.json')) as { readonly paths: Readonly<Record<string, object>> };
  const patterns = Object.keys(paths).map((one) => new RegExp(`^${one.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`));

  it('are routes', () => {
    const unknown = inEach(({ text }) =>
      [...text.matchAll(/\/v1\/[\w/<>{}$-]+/g)]
        .map(([address]) => address)
        .filter((address) => !patterns.some((pattern) => pattern.test(address))),
    );
    expect(unknown).toEqual([]);
  });
});

describe('the runbooks', () => {
  const files = readdirSync(path.join(repositoryRoot, 'docs/runbooks')).filter((file) => file !== 'README.md');
  const codes = Object.entries(errorCodes)
    .filter(([, retry]) => retry === 'operator')
    .map(([code]) => code);

  it.each(codes)('%s, which asks for an operator, has one', (code) => {
    expect(files).toContain(`${code}.md`);
  });

  it.each(files)('%s is named after an error, and is in the list', (file) => {
    expect(Object.keys(errorCodes)).toContain(file.replace(/\.md$/, ''));
    expect(readMarkdown('docs/runbooks/README.md').links).toContain(file);
  });

  it.each(files)('%s answers the same questions as the others', (file) => {
    const [, ...questions] = readMarkdown(`docs/runbooks/${file}`).headings;
    expect(questions).toEqual(['What you saw', 'What it means', 'Look', 'Mend', 'It is mended when']);
  });
});

describe('docs/configuration.md', () => {
  const { rows } = readMarkdown('docs/configuration.md');
  const documented = rows.flatMap(([name = '', standard = '']) => spansOf(name).map((one) => [one, standard] as const));
  const minimal = {
    BERTH_CATALOG_URL: 'postgresql://a:b@127.0.0.1/c',
    BERTH_SECRETS_DIR: '/s',
    BERTH_INSTANCES_DIR: '/i',
    BERTH_DUMPS_DIR: '/d',
  };

  it('has every variable that libs/config reads, and no other', () => {
    const asked = new Set<string>();
    readCliEnvironment(
      new Proxy<Record<string, string | undefined>>({}, { get: (_, name) => void asked.add(String(name)) }),
    );
    // Set by the launcher for its own child: nobody sets it by hand.
    asked.delete('BERTH_INVOKED_AS');
    const read = new Set([...Object.keys(environmentSchema.shape), ...asked]);
    expect([...new Set(documented.map(([name]) => name))].sort()).toEqual([...read].sort());
  });

  it('tells the defaults as they are', () => {
    const defaults = Object.entries(environmentSchema.parse(minimal)).map(([name, value]) => {
      if (name in minimal) return [name, 'required'] as const;
      const text = value === undefined ? '' : String(value);
      return [name, text === '' ? 'none' : `\`${text}\``] as const;
    });
    const shown = new Map([...documented].reverse()); // The processes' own table comes first.
    const wrong = defaults.filter(([name, standard]) => standard !== 'none' && shown.get(name) !== standard);
    expect(wrong).toEqual([]);
  });

  it('is where every BERTH_ variable of the other documents comes from, the tests’ own aside', () => {
    const tested = ['scripts', 'libs', 'test/bench', 'test/crash', 'test/model', '.ci', 'terraform'].flatMap((folder) =>
      readdirSync(path.join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(ts|mjs|tf)$|run$/.test(file) && !/node_modules|dist\//.test(file))
        .flatMap((file) => read(path.join(folder, file)).match(/BERTH_[A-Z_]+/g) ?? []),
    );
    const known = new Set([...documented.map(([name]) => name), ...tested]);
    expect(inEach(({ text }) => (text.match(/\bBERTH_[A-Z_]+/g) ?? []).filter((name) => !known.has(name)))).toEqual([]);
  });
});

describe('docs/failure-modes.md', () => {
  const { rows } = readMarkdown('docs/failure-modes.md');
  const isTest = (span: string) => /\.(spec|contract)\.ts$/.test(span) && existsInRepository(span);

  it('has rows', () => {
    expect(rows.length).toBeGreaterThan(150);
  });

  it('names a test that is there in each of them, in its last column', () => {
    expect(rows.filter((row) => !spansOf(row.at(-1) ?? '').some(isTest)).map(([fails]) => fails)).toEqual([]);
  });
});

describe('docs/earlier-defects.md', () => {
  const { rows } = readMarkdown('docs/earlier-defects.md');
  const table = rows.filter(([number = '']) => /^\d+$/.test(number));

  it('has all sixteen, in their order', () => {
    expect(table.map(([number]) => Number(number))).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
  });

  it.each(table)('%s names tests that are there, or says that its part is not', (_number, _defect, shown = '') => {
    const tests = [...shown.matchAll(/`(?<file>[^`]+)`: _(?<title>[^_]+)_/g)].map(({ groups }) => groups);
    expect(tests.length > 0 || shown.startsWith('not built yet: ')).toBe(true);
    // Everything in code spans is a file of which a test is named.
    expect(tests.map((test) => test?.['file'])).toEqual(spansOf(shown));
    const isThere = ({ file = '', title = '' }: Readonly<Record<string, string>> = {}) =>
      ["'", '"'].some((quote) => read(file).includes(quote + title));
    expect(tests.filter((test) => !isThere(test))).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  // The second saga of a kind goes by its own name.
  const named = [...Object.entries(sagas), ...[moveOnline, completeOnline].map((saga) => [saga.name, saga] as const)];
  it.each(named)('lists the steps of %s as they run', (kind, saga) => {
    const row = readMarkdown('docs/architecture.md').rows.find(([name]) => name === `\`${kind}\``);
    expect(spansOf(row?.[1] ?? '')).toEqual(saga.steps.map((step) => step.name));
    expect(spansOf(row?.[2] ?? '')).toEqual(saga.steps.filter(({ side }) => side === 'pivot').map((step) => step.name));
  });
});
