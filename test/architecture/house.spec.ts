import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import { repositoryRoot } from './seeded-tree.js';

interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const read = (...parts: readonly string[]): string => readFileSync(path.join(repositoryRoot, ...parts), 'utf8');
const manifest = (folder: string): Manifest => JSON.parse(read(folder, 'package.json')) as Manifest;
const rootManifest = manifest('.');

function packageFolders(): readonly string[] {
  return (rootManifest.workspaces ?? []).flatMap((pattern) => {
    const parent = pattern.replace(/\/\*$/, '');
    return readdirSync(path.join(repositoryRoot, parent))
      .map((name) => path.join(parent, name))
      .filter((folder) => existsSync(path.join(repositoryRoot, folder, 'package.json')));
  });
}

function sourcesUnder(folder: string): readonly string[] {
  const src = path.join(repositoryRoot, folder);
  if (!existsSync(src)) return [];
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(folder, file));
}

/** The packages that a source file imports, in any of the ways to write it. */
function importedPackages(text: string): readonly string[] {
  const names = ts
    .preProcessFile(text, true, false)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => /^[@a-z]/.test(name) && !name.startsWith('node:'))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    )
    .filter((name) => !builtinModules.includes(name));
  return [...new Set(names)];
}

const folders = packageFolders();

describe('each package', () => {
  it.each(folders)('%s declares what its sources import', (folder) => {
    const { name, dependencies, peerDependencies } = manifest(folder);
    const declared = new Set([name, ...Object.keys({ ...dependencies, ...peerDependencies })]);
    const undeclared = sourcesUnder(path.join(folder, 'src'))
      .filter((file) => !file.endsWith('.spec.ts'))
      .flatMap((file) =>
        importedPackages(read(file))
          .filter((used) => !declared.has(used))
          .map((used) => `${file}: ${used}`),
      );
    expect(undeclared).toEqual([]);
  });

  it.each(folders)('%s is named after its folder and pins exact versions', (folder) => {
    const { name, dependencies } = manifest(folder);
    expect(name).toBe(`@berth/${path.basename(folder)}`);
    expect(Object.entries(dependencies ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version))).toEqual([]);
  });

  it('knows an undeclared import when it sees one', () => {
    const text = `import { a } from '@x/y/z';\nimport {\n  b,\n} from 'pg';\nexport * from "zod";\nimport 'node:fs';\nimport './c.js';\nimport fs from 'fs';\nawait import('late');\n`;
    expect(importedPackages(text)).toEqual(['@x/y', 'pg', 'zod', 'late']);
  });
});

const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;
// A file of this name collects what nobody placed.
const placeless = /(^|[-.])(utils?|helpers?|common|manager|base|misc)([-.]|$)/;

describe('file names', () => {
  const files = [...folders.map((folder) => path.join(folder, 'src')), 'test'].flatMap(sourcesUnder);
  it('are kebab-case', () =>
    expect(files.filter((file) => !file.split(path.sep).every((part) => kebab.test(part)))).toEqual([]));
  it('say what is inside', () =>
    expect(files.filter((file) => file.split(path.sep).some((part) => placeless.test(part)))).toEqual([]));
});

describe('npm run help', () => {
  const sentences = JSON.parse(read('scripts/help.json')) as Readonly<Record<string, string>>;
  it('has one sentence for every script and none for a script that is gone', () => {
    expect(Object.keys(sentences).sort()).toEqual(Object.keys(rootManifest.scripts ?? {}).sort());
    expect(Object.entries(sentences).filter(([, sentence]) => !/^[A-Z`].{10,}\.$/.test(sentence))).toEqual([]);
  });
});
