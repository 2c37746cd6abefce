import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@berth/config';
import { rememberedPrograms } from './programs.provider.js';

describe('the PostgreSQL programs for a server', () => {
  let top: string;
  const searches = async () => (await readFile(path.join(top, 'searches'), 'utf8')).length;
  const install = async () => {
    const bin = path.join(top, 'bin');
    await mkdir(bin);
    const program = `#!/bin/sh\nprintf x >> ${top}/searches\necho 'postgres (PostgreSQL) 17.2'\n`;
    for (const name of ['postgres', 'initdb', 'pg_ctl', 'psql', 'pg_dump', 'pg_restore'])
      await writeFile(path.join(bin, name), program, { mode: 0o755 });
    return bin;
  };

  beforeEach(async () => {
    top = await mkdtemp(path.join(tmpdir(), 'berth-programs-'));
    await chmod(top, 0o777);
  });
  afterEach(() => rm(top, { recursive: true, force: true }));

  it('are found once, missed when they were taken away, and known again when they are back', async () => {
    const bin = await install();
    const config = loadConfig({
      BERTH_CATALOG_URL: 'postgres://localhost/catalog',
      BERTH_SECRETS_DIR: top,
      BERTH_INSTANCES_DIR: top,
      BERTH_DUMPS_DIR: top,
      BERTH_PG_BIN: bin,
    });
    const programsFor = rememberedPrograms(config);
    expect([await programsFor(15), await programsFor(15)]).toEqual([bin, bin]);
    expect(await searches()).toBe(1);
    await rm(bin, { recursive: true });
    await expect(programsFor(15)).rejects.toMatchObject({ code: 'postgres-programs-missing' });
    await install();
    expect(await programsFor(15)).toBe(bin);
  });
});
