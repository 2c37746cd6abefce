import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { homeAt, type Home } from './home.js';
import { livingSupervisor, releaseSupervision, takeSupervision } from './supervisor-lock.js';

describe('the supervision of a folder', () => {
  let home: Home;

  beforeEach(async () => {
    home = homeAt(await mkdtemp(path.join(tmpdir(), 'berth-lock-')));
  });

  afterEach(async () => {
    await rm(home.folder, { recursive: true });
  });

  it('is taken by one, and given back', async () => {
    expect(await takeSupervision(home)).toEqual({});
    expect((await livingSupervisor(home))?.pid).toBe(process.pid);
    expect((await takeSupervision(home)).heldBy?.pid).toBe(process.pid);
    await releaseSupervision(home);
    expect(await livingSupervisor(home)).toBeUndefined();
    expect(await readdir(home.folder)).toEqual([]);
  });

  it.each([
    ['', 'a crash while it was written'],
    [JSON.stringify({ pid: process.pid, started: 'before the reboot' }), 'a number that came again'],
  ])('is taken over from a file that holds %j: %s', async (left) => {
    await writeFile(home.lock, left);
    expect(await livingSupervisor(home)).toBeUndefined();
    expect(await takeSupervision(home)).toEqual({});
    expect(await readdir(home.folder)).toEqual(['supervisor.lock']);
  });

  it('goes to exactly one of many who come at once', async () => {
    await writeFile(home.lock, JSON.stringify({ pid: process.pid, started: 'before the reboot' }));
    const results = await Promise.all(Array.from({ length: 20 }, () => takeSupervision(home)));
    expect(results.filter(({ heldBy }) => heldBy === undefined)).toHaveLength(1);
  });
});
