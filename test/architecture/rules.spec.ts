import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { repositoryRoot, seededTree } from './seeded-tree.js';

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
}
interface CruiseReport {
  readonly summary: {
    readonly violations: readonly Violation[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

const program = path.join(repositoryRoot, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

function cruise(root: string): CruiseReport['summary'] {
  const args = [program, 'apps', 'libs', 'test', '--config', '.dependency-cruiser.mjs', '--output-type', 'json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (stdout === '') throw new Error(`dependency-cruiser said nothing but: ${stderr}`);
  return (JSON.parse(stdout) as CruiseReport).summary;
}

const found = (summary: CruiseReport['summary']): readonly string[] =>
  summary.violations.map(({ rule, from }) => `${rule.name} in ${from}`);

/** One violation for each rule: the rule, the file that breaks it, and how. */
const broken: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['no-cycles', 'libs/domain/src/a.ts', `import { b } from './b.js';\nexport const a = (): unknown => b;\n`],
  ['resolvable', 'libs/config/src/a.ts', `import './nowhere.js';\n`],
  ['domain-imports-nothing', 'libs/domain/src/c.ts', `import 'node:fs';\n`],
  [
    'ports-import-only-domain',
    'libs/ports/src/a.ts',
    `import type { here } from '@berth/saga';\nexport type A = typeof here;\n`,
  ],
  ['saga-knows-no-tenant', 'libs/saga/src/a.ts', `import '@berth/domain';\n`],
  ['operations-are-pure-of-vendors', 'libs/operations/src/a.ts', `import '@berth/postgres';\n`],
  ['config-imports-no-part', 'libs/config/src/b.ts', `import '@berth/saga';\n`],
  ['adapters-apart', 'libs/adapters/postgres/src/a.ts', `import '@berth/terraform';\n`],
  ['adapters-below-operations', 'libs/adapters/postgres/src/b.ts', `import '@berth/operations';\n`],
  ['apps-on-top', 'libs/testing/src/a.ts', `import '@berth/api';\n`],
  ['apps-apart', 'apps/worker/src/a.ts', `import '@berth/api';\n`],
  ['nest-only-in-apps-and-modules', 'libs/adapters/postgres/src/c.ts', `import '@nestjs/common';\n`],
  ['one-folder-for-typeorm', 'apps/api/src/a.ts', `import 'typeorm';\n`],
  ['one-folder-for-nestjs-typeorm', 'apps/api/src/b.ts', `import '@nestjs/typeorm';\n`],
  ['one-folder-for-bullmq', 'apps/api/src/c.ts', `import 'bullmq';\n`],
  ['one-folder-for-nestjs-bullmq', 'apps/api/src/d.ts', `import '@nestjs/bullmq';\n`],
  ['one-folder-for-ioredis', 'apps/worker/src/b.ts', `import 'ioredis';\n`],
  ['one-folder-for-rate-limiter-flexible', 'apps/api/src/i.ts', `import 'rate-limiter-flexible';\n`],
  ['one-folder-for-pg', 'apps/worker/src/c.ts', `import 'pg';\n`],
  ['one-folder-for-aws-sdk', 'libs/adapters/terraform/src/a.ts', `import '@aws-sdk/x';\n`],
  ['one-folder-for-node-vault', 'apps/worker/src/d.ts', `import 'node-vault';\n`],
  ['one-folder-for-axios', 'apps/worker/src/e.ts', `import 'axios';\n`],
  ['client-stands-alone', 'libs/client/src/a.ts', `import '@berth/domain';\n`],
  ['one-public-index', 'apps/api/src/e.ts', `import '../../../libs/domain/src/b.js';\n`],
  ['packages-by-name', 'apps/api/src/f.ts', `import '../../../libs/domain/src/index.js';\n`],
  ['testing-only-in-tests', 'apps/api/src/g.ts', `import '@berth/testing';\n`],
  ['specs-are-leaves', 'apps/api/src/h.ts', `import './fine.spec.js';\n`],
];

const allowed = {
  'libs/domain/src/b.ts': `import { a } from './a.js';\nimport 'node:crypto';\nexport const b = (): unknown => a;\n`,
  'libs/adapters/terraform/src/fine.ts': `import '@berth/local-postgres';\nimport 'pg';\n`,
  'libs/adapters/postgres/src/fine.module.ts': `import '@nestjs/common';\n`,
  'libs/client/src/fine.ts': `import 'pg';\n`,
  'libs/operations/src/fine.ts': `import '@berth/ports';\nimport 'node:crypto';\n`,
  'apps/api/src/fine.spec.ts': `import '@berth/testing';\nimport 'pg';\n`,
};

describe('the import rules', () => {
  const files = Object.fromEntries(broken.map(([, file, text]) => [file, text]));
  const tree = seededTree({ ...files, ...allowed });
  const seeded = cruise(tree.root);
  afterAll(() => tree.remove());

  it.each(broken)('%s can fail', (rule, file) => {
    expect(found(seeded)).toContain(`${rule} in ${file}`);
  });

  it('each has a seeded violation here', () => {
    expect(seeded.ruleSetUsed.forbidden.map(({ name }) => name).sort()).toEqual(broken.map(([name]) => name).sort());
  });

  it('allow what the layout promises', () => {
    const fine = Object.keys(allowed).filter((file) => file.includes('fine'));
    expect(seeded.violations.filter(({ from }) => fine.includes(from))).toEqual([]);
  });
});
