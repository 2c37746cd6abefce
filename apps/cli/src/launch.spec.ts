import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const launchFolder = fileURLToPath(new URL('../launch', import.meta.url));

describe('the launcher', () => {
  it('tells an old Node what is needed, and runs nothing', () => {
    const entry = path.join(launchFolder, 'entry.cjs');
    const script = `Object.defineProperty(process.versions, 'node', { value: '18.20.4' }); require(${JSON.stringify(entry)})`;
    const { stderr, status } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    expect(stderr).toContain('this is Node 18.20.4, and Berth needs 20.19 or newer');
    expect(status).toBe(3);
  });

  it('is written so that any Node can read its entry', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        '-e',
        `
      const text = require('fs').readFileSync(${JSON.stringify(path.join(launchFolder, 'entry.cjs'))}, 'utf8');
      if (/=>|\\bconst\\b|\\blet\\b|\`|\\?\\.|\\bimport\\b *\\(/.test(text.replace(/\\/\\/.*/g, ''))) throw new Error('too new');
    `,
      ],
      { encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('says so where Node is missing', () => {
    const berth = path.join(launchFolder, '../../../berth');
    const { stderr, status } = spawnSync('/bin/sh', [berth, 'up'], { encoding: 'utf8', env: { PATH: '/nowhere' } });
    expect(stderr).toContain('Node.js is missing');
    expect(status).toBe(3);
  });

  it('sees a build that is older than its source, missing, or current', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'berth-launch-'));
    try {
      const at = (...parts: readonly string[]): string => path.join(root, ...parts);
      for (const folder of ['apps/one/src/deep', 'apps/one/dist/deep']) mkdirSync(at(folder), { recursive: true });
      writeFileSync(at('package.json'), '{"workspaces":["apps/*"]}');
      cpSync(launchFolder, at('launch'), { recursive: true });
      const script = `import(${JSON.stringify(at('launch/build-state.mjs'))}).then((m) => process.stdout.write(String(m.isBuildStale(${JSON.stringify(root)}))))`;
      const isStale = (): string => spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout;
      const put = (file: string, seconds: number): void => {
        writeFileSync(at(file), 'x');
        utimesSync(at(file), seconds, seconds);
      };
      put('apps/one/src/deep/file.ts', 1_000);
      put('apps/one/src/deep/file.spec.ts', 2_000);
      expect(isStale()).toBe('true');
      put('apps/one/dist/deep/file.js', 1_000);
      expect(isStale()).toBe('false');
      put('apps/one/src/deep/file.ts', 3_000);
      expect(isStale()).toBe('true');
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
