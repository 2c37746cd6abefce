import { existsSync } from 'node:fs';
import { runChildScript } from './child-script.js';
import { isProcessAlive } from './berth-home.js';

const program = `
  const { findPostgresPrograms, LocalServer } = await import('@berth/local-postgres');
  const { ServerFolder } = await import('@berth/testing');
  const folder = await ServerFolder.make('berth-folder-');
  const programs = await findPostgresPrograms({ explicit: process.env.BERTH_PG_BIN, path: process.env.PATH });
  const server = new LocalServer({ folder: folder.path + '/deep/server', programs });
  await server.create({ purpose: 'test' });
  const { pid } = await server.start();
  console.log(JSON.stringify({ pid, folder: folder.path }));
  setInterval(() => undefined, 1000);
`;

describe('a folder of servers', () => {
  it('goes, with the servers in it, when the process that made it is killed', async () => {
    const child = runChildScript(program, null);
    const made = JSON.parse(await child.line('folder')) as { readonly pid: number; readonly folder: string };
    expect(await isProcessAlive(made.pid)).toBe(true);
    await child.kill9();
    const end = performance.now() + 20_000;
    while (existsSync(made.folder) || (await isProcessAlive(made.pid))) {
      if (performance.now() > end) throw new Error(`${made.folder} is still there after 20 s`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});
