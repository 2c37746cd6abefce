import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from './seeded-tree.js';

interface Component {
  readonly purl: string;
  readonly version: string;
  readonly licenses?: readonly object[];
  readonly hashes?: readonly object[];
}
interface Package {
  readonly workspaces?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
}

const read = (file: string) => JSON.parse(readFileSync(path.join(repositoryRoot, file), 'utf8')) as Package;
const root = read('package.json');
const parts = (root.workspaces ?? [])
  .map((glob) => path.dirname(glob))
  .flatMap((folder) => readdirSync(path.join(repositoryRoot, folder)).map((name) => `${folder}/${name}/package.json`))
  .filter((file) => existsSync(path.join(repositoryRoot, file)));
const ours = parts.filter((file) => file !== 'libs/testing/package.json');
const delivered = new Set(ours.flatMap((file) => Object.keys(read(file).dependencies ?? {})));
const namesOf = (components: readonly Component[]) =>
  components.map(({ purl }) => decodeURIComponent(purl.replace(/^pkg:npm\//, '').replace(/@[^@]+$/, '')));

describe('the bill of materials', () => {
  let components: readonly Component[];
  beforeAll(() => {
    const { stdout } = spawnSync('npm', ['run', '--silent', 'sbom'], { cwd: repositoryRoot, encoding: 'utf8' });
    const bill = JSON.parse(stdout) as { readonly bomFormat: string; readonly components: readonly Component[] };
    expect(bill.bomFormat).toBe('CycloneDX');
    components = bill.components;
  });

  it('has everything that a package of ours asks for, and what that needs', () => {
    const names = namesOf(components);
    expect(delivered.size).toBeGreaterThan(20);
    expect([...delivered].filter((name) => !names.includes(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(delivered.size + parts.length);
  });

  it('has nothing that only builds and tests us', () => {
    const names = namesOf(components);
    for (const tool of ['@berth/testing', 'eslint', 'fast-check', 'jest', 'typescript'])
      expect(names).not.toContain(tool);
  });

  it('says of each package of others which it is: version, licence, hash', () => {
    const others = components.filter(({ purl }) => !purl.startsWith('pkg:npm/%40berth/'));
    const vague = others.filter(({ version, hashes }) => version === '' || !hashes?.length);
    expect(vague.map(({ purl }) => purl)).toEqual([]);
    // It names its two licences in a form that npm gave up long ago, `licenses`.
    expect(others.filter(({ licenses }) => !licenses?.length).map(({ purl }) => purl)).toEqual(['pkg:npm/tv4@1.3.0']);
  });
});
