import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocalModule } from './local-module.js';
import { WorkingFolders } from './working-folder.js';

const dayMs = 24 * 3_600_000;

describe('folders for reading and plans', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'berth-working-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('are gone afterwards, and with them those that a killed process left a day ago', async () => {
    for (const [name, ageMs] of [
      ['.scratch-left', 2 * dayMs],
      ['.scratch-at-work', 60_000],
      ['dedicated-acme-g2', 400 * dayMs],
    ] as const) {
      await mkdir(path.join(root, name));
      await writeFile(path.join(root, name, 'main.tf.json'), '{}');
      const then = new Date(Date.now() - ageMs);
      await utimes(path.join(root, name), then, then);
    }
    const module = new LocalModule({ instanceRoot: root, programs: { explicit: undefined, path: undefined } });
    const during = await new WorkingFolders(root).withScratch({ module, variables: {}, stateSchema: null }, () =>
      readdir(root),
    );
    expect(await readdir(root)).toEqual(['.scratch-at-work', 'dedicated-acme-g2']);
    expect(during).toHaveLength(3);
  });
});
