import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { repositoryRoot } from './seeded-tree.js';

const scripts = path.join(repositoryRoot, 'scripts');
const files = {
  'package.json': '{ "type": "module" }',
  'jest.config.mjs': `export default { testEnvironment: '${scripts}/watched-environment.mjs', reporters: ['default', '${scripts}/failed-reporter.mjs'] };`,
  'spins.test.js': `describe('a loop', () => { it('never turns', async () => { for (;;) await spin(); }); });
async function spin() {}`,
  'waits.test.js': `it('is fine', () => undefined);
afterAll(() => new Promise(() => undefined), 1e9);`,
  'blocks.test.js': `import { spawnSync } from 'node:child_process';
it('waits for a program', () => void spawnSync('sleep', ['40']));`,
};

describe('a run whose time is up', () => {
  it('ends, and names each file that hangs, where in it, and where the process stands', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'berth-ends-'));
    try {
      for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
      const failed = path.join(folder, 'failed-tests');
      const jest = path.join(repositoryRoot, 'node_modules/jest/bin/jest.js');
      const run = spawn(process.execPath, ['--experimental-vm-modules', jest, '--maxWorkers', '3'], {
        cwd: folder,
        env: { ...process.env, BERTH_TEST_END: String(Date.now() / 1_000 + 15), BERTH_TEST_FAILED: failed },
      });
      const [, [code]] = await Promise.all([text(run.stderr), once(run, 'close'), text(run.stdout)]);
      expect(code).toBe(1);
      const lines = (await readFile(failed, 'utf8')).trimEnd().split('\n');
      expect(lines.filter((line) => line.includes('did not end')).sort()).toEqual([
        expect.stringMatching(/^blocks\.test\.js: waits for a program: did not end .*, at what does not turn/),
        expect.stringMatching(
          /^spins\.test\.js: a loop never turns: did not end .*, at \S+ \(file:.*spins\.test\.js:\d\)/,
        ),
        expect.stringMatching(/^waits\.test\.js: afterAll: did not end .*, at nothing: it waits$/),
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
