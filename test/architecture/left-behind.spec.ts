import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from './seeded-tree.js';

interface LeftBehind {
  readonly leftIn: (folder: string, patienceMs?: number) => Promise<readonly string[]>;
}

describe('npm test', () => {
  it('names what a run has left behind: folders, and processes by their arguments or environment', async () => {
    const script = pathToFileURL(path.join(repositoryRoot, 'scripts/left-behind.mjs')).href;
    const { leftIn } = (await import(script)) as LeftBehind;
    const folder = await mkdtemp(path.join(tmpdir(), 'berth-left-'));
    await writeFile(path.join(folder, 'berth-crash-1'), '');
    const quiet = spawn('sleep', ['71'], { env: { ...process.env, SECRETS: `${folder}/secrets` } });
    const open = spawn('tail', ['-f', '/dev/null', path.join(folder, 'berth-crash-1')], { stdio: 'ignore' });
    try {
      expect([...(await leftIn(folder, 0))].sort()).toEqual(
        [
          'berth-crash-1',
          `process ${String(quiet.pid)}: sleep 71`,
          `process ${String(open.pid)}: tail -f /dev/null ${folder}/berth-crash-1`,
        ].sort(),
      );
    } finally {
      const ended = [once(quiet, 'close'), once(open, 'close')];
      quiet.kill();
      open.kill();
      await Promise.all(ended);
      await rm(path.join(folder, 'berth-crash-1'));
    }
    expect(await leftIn(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });
});
