import { appendFileSync, existsSync } from 'node:fs';
import { lstat, mkdir, readdir, readlink, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { serverPlace } from '@berth/testing';
import { LocalServer } from './local-server.js';
import { runProgram } from './run-program.js';
import { runAsSuperuser } from './superuser.js';

describe('the folder of a local server', () => {
  const place = serverPlace();

  it('puts the socket of a deep folder into a short one', async () => {
    const deep = path.join('d'.repeat(60), 'e'.repeat(60));
    const server = await place.running(deep);
    const { socket } = (await server.files())!;
    expect(socket).toMatch(/^\/tmp\/berth-[0-9a-f]{16}$/);
    expect(await runAsSuperuser(server, 'SELECT 1')).toBe('1\n');
    expect((await stat(socket)).mode & 0o777).toBe(0o700);
    await server.stop();
    // What somebody else put there beforehand is not used.
    await rm(socket, { recursive: true });
    appendFileSync(socket, '');
    await expect(server.start()).rejects.toMatchObject({
      message: expect.stringContaining('belongs to somebody else'),
    });
    await rm(socket);
    await server.start();
    await server.destroy();
    expect(existsSync(socket)).toBe(false);
  });

  it('runs below a folder that only root may enter, by a link to a reachable place', async () => {
    const reachableRoot = path.join(place.top, 'lib');
    await mkdir(path.join(place.top, 'private'), { mode: 0o700 });
    const server = place.at('private/server', { reachableRoot });
    await server.create({ purpose: 'test' });
    const link = path.join(place.top, 'private', 'server');
    const target = await readlink(link);
    expect(path.dirname(target)).toBe(reachableRoot);
    expect((await stat(target)).mode & 0o777).toBe(0o700);
    await server.start();
    expect(await runAsSuperuser(server, 'SELECT 1')).toBe('1\n');
    await server.create({ purpose: 'test' });
    expect(await server.start()).toMatchObject({ alreadyRunning: true });
    await server.destroy();
    await expect(lstat(link)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(reachableRoot)).toEqual([]);
  });

  it('refuses to run on the data of the tree that it was copied from', async () => {
    const reachableRoot = path.join(place.top, 'lib');
    await mkdir(path.join(place.top, 'private'), { mode: 0o700 });
    await place.at('private/server', { reachableRoot }).create({ purpose: 'test' });
    await runProgram('cp', ['-a', path.join(place.top, 'private'), path.join(place.top, 'copied')]);
    const copy = new LocalServer({
      folder: path.join(place.top, 'copied', 'server'),
      programs: place.programs,
      reachableRoot,
    });
    await expect(copy.create({ purpose: 'test' })).rejects.toMatchObject({
      message: expect.stringContaining('belongs to'),
    });
    await runProgram('mv', [path.join(place.top, 'private'), path.join(place.top, 'moved')]);
    expect(await place.at('moved/server', { reachableRoot }).create({ purpose: 'test' })).toBe('present');
    await rm(path.join(place.top, 'copied'), { recursive: true });
  });
});
