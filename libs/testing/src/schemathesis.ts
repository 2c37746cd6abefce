import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findOnPath } from './find-on-path.js';
import type { TestPart } from './when-available.js';

/** schemathesis, which asks an API what its OpenAPI document allows, and what it does not. */
const program = findOnPath(process.env['BERTH_TEST_SCHEMATHESIS'] ?? 'schemathesis');

export const schemathesisPart: TestPart = {
  name: 'schemathesis',
  missing:
    program === undefined
      ? 'no schemathesis on PATH or in BERTH_TEST_SCHEMATHESIS (pip install schemathesis)'
      : undefined,
};

export interface SchemathesisWishes {
  /** Where the API is; its document is at `/docs/openapi.json`. */
  readonly url: string;
  /** Folder of `schemathesis.toml` and of its `hooks.py`. */
  readonly folder: string;
  /** For those two files. Secrets belong here and not into an argument, which the list of processes shows. */
  readonly environment: Readonly<Record<string, string>>;
  readonly args: readonly string[];
}

/** Runs it to its end. `passed`: no check failed, and nothing kept it from asking. */
export async function runSchemathesis({ url, folder, environment, args }: SchemathesisWishes) {
  if (program === undefined) throw new Error(schemathesisPart.missing);
  const config = ['--config-file', path.join(folder, 'schemathesis.toml')];
  const run = ['run', `${url}/docs/openapi.json`, '--url', url, '--no-color', ...args];
  const python = { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1', SCHEMATHESIS_HOOKS: 'hooks' };
  // It keeps what failed in a folder where it runs.
  const scratch = await mkdtemp(path.join(tmpdir(), 'berth-schemathesis-'));
  const child = spawn(program, [...config, ...run], {
    cwd: scratch,
    env: { PATH: process.env['PATH'], ...python, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  await rm(scratch, { recursive: true, force: true });
  return { passed: code === 0, output: Buffer.concat(chunks).toString('utf8') };
}
