import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { replaceFile } from './safe-file.js';

describe('a file that is replaced as a whole', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'berth-safe-file-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const users = () => ({ file: path.join(folder, 'users.txt'), mode: 0o640 });

  it('has the text and the mode, and leaves nothing beside it', async () => {
    await replaceFile(users(), 'one');
    await replaceFile(users(), 'two');
    expect(await readFile(users().file, 'utf8')).toBe('two');
    expect((await stat(users().file)).mode & 0o777).toBe(0o640);
    expect(await readdir(folder)).toEqual(['users.txt']);
  });

  it('takes away what a killed writer left of the same file, and nothing else', async () => {
    const others = ['.users.txt', '.users.txt-old', '.rules.txt-0123456789ab', 'users.txt-0123456789ab'];
    for (const name of ['.users.txt-0123456789ab', ...others]) await writeFile(path.join(folder, name), 'verifiers');
    await replaceFile(users(), 'one');
    expect((await readdir(folder)).sort()).toEqual([...others, 'users.txt'].sort());
  });
});
