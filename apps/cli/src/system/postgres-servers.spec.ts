import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dedicatedServers } from './postgres-servers.js';

describe('the servers of dedicated instances', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'berth-servers-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('are found by their files, in a folder of their own or behind a link', async () => {
    const home = { instances: path.join(folder, 'instances') };
    await mkdir(path.join(home.instances, 'dedicated-acme-g1'), { recursive: true });
    await writeFile(path.join(home.instances, 'dedicated-acme-g1', 'server.json'), '{}');
    await mkdir(path.join(folder, 'elsewhere', 'data'), { recursive: true });
    await symlink(path.join(folder, 'elsewhere'), path.join(home.instances, 'dedicated-brook-g2'));
    await symlink(path.join(folder, 'nowhere'), path.join(home.instances, 'dedicated-coral-g3'));
    expect((await dedicatedServers(home)).map(({ name }) => name)).toEqual(['dedicated-acme-g1', 'dedicated-brook-g2']);
  });

  it('are looked for without harm while instances come and go', async () => {
    const home = { instances: path.join(folder, 'instances') };
    let isOver = false;
    const comeAndGo = async (name: string): Promise<void> => {
      while (!isOver) {
        await mkdir(path.join(home.instances, name, 'data'), { recursive: true });
        await rm(path.join(home.instances, name), { recursive: true });
      }
    };
    const changing = ['one', 'two', 'three', 'four'].map(comeAndGo);
    try {
      for (let looked = 0; looked < 500; looked += 1) await dedicatedServers(home);
    } finally {
      isOver = true;
      await Promise.all(changing);
    }
  });
});
