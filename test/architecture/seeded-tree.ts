import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const repositoryRoot = path.resolve(import.meta.dirname, '../..');

const packages = {
  domain: 'libs/domain',
  ports: 'libs/ports',
  saga: 'libs/saga',
  operations: 'libs/operations',
  config: 'libs/config',
  testing: 'libs/testing',
  client: 'libs/client',
  postgres: 'libs/adapters/postgres',
  'local-postgres': 'libs/adapters/local-postgres',
  terraform: 'libs/adapters/terraform',
  api: 'apps/api',
  worker: 'apps/worker',
} as const;

const vendors = [
  '@nestjs/common',
  '@nestjs/typeorm',
  '@nestjs/bullmq',
  'typeorm',
  'bullmq',
  'ioredis',
  'rate-limiter-flexible',
  'pg',
  '@aws-sdk/x',
  'node-vault',
  'axios',
];

/** A miniature of the repository in a folder of its own: same rules, same layout, empty packages, and the given files. */
export function seededTree(files: Readonly<Record<string, string>>): { readonly root: string; remove(): void } {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'berth-architecture-')));
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  for (const file of ['tsconfig.json', '.dependency-cruiser.mjs'])
    cpSync(path.join(repositoryRoot, file), path.join(root, file));
  write('package.json', JSON.stringify({ type: 'module', workspaces: ['apps/*', 'libs/*', 'libs/adapters/*'] }));
  mkdirSync(path.join(root, 'node_modules/@berth'), { recursive: true });
  mkdirSync(path.join(root, 'test'));
  for (const [name, folder] of Object.entries(packages)) {
    const exports = { '.': { source: './src/index.ts', default: './dist/index.js' } };
    write(`${folder}/package.json`, JSON.stringify({ name: `@berth/${name}`, type: 'module', exports }));
    write(`${folder}/src/index.ts`, 'export const here = 1;\n');
    symlinkSync(path.join(root, folder), path.join(root, 'node_modules/@berth', name));
  }
  for (const vendor of vendors) {
    write(`node_modules/${vendor}/package.json`, JSON.stringify({ name: vendor, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${vendor}/index.js`, 'exports.here = 1;\n');
  }
  for (const [file, text] of Object.entries(files)) write(file, text);
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}
