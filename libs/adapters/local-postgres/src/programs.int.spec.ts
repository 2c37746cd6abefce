import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ProgramSearch, findPostgresPrograms, listPostgresPrograms } from './programs.js';

const names = ['initdb', 'postgres', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'];

describe('findPostgresPrograms', () => {
  let top: string;

  beforeEach(async () => {
    top = await mkdtemp(path.join(tmpdir(), 'berth-programs-'));
    await chmod(top, 0o755);
  });

  afterEach(async () => {
    await rm(top, { recursive: true, force: true });
  });

  /** A folder with programs that print a version, as far as the search can tell a real one. */
  const installed = async (folder: string, version: string, without: readonly string[] = []): Promise<string> => {
    const bin = path.join(top, folder);
    await mkdir(bin, { recursive: true });
    for (const name of names.filter((one) => !without.includes(one))) {
      await writeFile(path.join(bin, name), `#!/bin/sh\necho "${name} (PostgreSQL) ${version}"\n`, { mode: 0o755 });
    }
    return bin;
  };
  const find = (search: ProgramSearch) => findPostgresPrograms({ wellKnown: [`${top}/lib/*/bin`], ...search });

  it('finds the real ones of this machine', async () => {
    const found = await findPostgresPrograms({ path: process.env['PATH'] });
    expect(found.major).toBeGreaterThanOrEqual(15);
    expect(found.version).toMatch(new RegExp(`^${String(found.major)}\\.`));
  });

  it('takes the newest of the usual places, in the order of numbers', async () => {
    await installed('lib/9.6/bin', '9.6.24');
    const newest = await installed('lib/18/bin', '18.1');
    await installed('lib/17/bin', '17.6 (Debian 17.6-1)');
    expect(await find({})).toEqual({ bin: newest, version: '18.1', major: 18 });
    expect((await listPostgresPrograms({ wellKnown: [`${top}/lib/*/bin`] })).map(({ major }) => major)).toEqual([
      18, 17,
    ]);
  });

  it('prefers PATH to the usual places, and follows a link from there to the whole folder', async () => {
    await installed('lib/18/bin', '18.1');
    const bin = await installed('elsewhere', '16.2');
    await mkdir(path.join(top, 'links'));
    await symlink(path.join(bin, 'postgres'), path.join(top, 'links', 'postgres'));
    expect((await find({ path: `/nonexistent:${top}/links` })).bin).toBe(bin);
    expect((await find({ path: `${top}/links`, minMajor: 17 })).major).toBe(18);
  });

  it('looks at no other place when a folder is named, and says what is wrong with it', async () => {
    await installed('lib/18/bin', '18.1');
    const lacking = await installed('lacking', '18.1', ['pg_dump', 'psql']);
    await expect(find({ explicit: lacking })).rejects.toMatchObject({
      code: 'postgres-programs-missing',
      message: expect.stringContaining(`${lacking} lacks pg_dump, psql`),
      hint: expect.stringContaining('Install them: '),
    });
    const old = await installed('old', '14.2');
    await expect(find({ explicit: old })).rejects.toMatchObject({
      message: expect.stringContaining('is 14.2, and 15 or newer is needed'),
    });
  });

  it('takes a folder of client programs alone where no server is run, and says what one lacks', async () => {
    const servers = ['initdb', 'postgres', 'pg_ctl'];
    await installed('lib/16/bin', '16.11 (Debian 16.11-1.pgdg12+1)', servers);
    await installed('lib/18/bin', '18.1', servers);
    const wellKnown = [`${top}/lib/*/bin`];
    expect((await listPostgresPrograms({ wellKnown, purpose: 'client' })).map(({ version }) => version)).toEqual([
      '18.1',
      '16.11',
    ]);
    expect(await listPostgresPrograms({ wellKnown })).toEqual([]);
    const lacking = await installed('lacking', '18.1', [...servers, 'pg_restore']);
    await expect(find({ explicit: lacking, purpose: 'client' })).rejects.toMatchObject({
      message: expect.stringMatching(/\(pg_dump, pg_restore, psql\).*lacks pg_restore/),
    });
  });

  it('names the places it looked in and the command, when there is nothing', async () => {
    await expect(find({})).rejects.toMatchObject({
      message: expect.stringContaining(`Looked in PATH, ${top}/lib/*/bin: nothing there.`),
      hint: expect.stringContaining('BERTH_PG_BIN'),
    });
  });

  it('refuses programs that the user of the servers may not run', async () => {
    const bin = await installed('private/bin', '18.1');
    await chmod(path.join(top, 'private'), 0o700);
    await expect(find({ explicit: bin })).rejects.toMatchObject({
      message: expect.stringContaining('fails as the user'),
    });
  });
});
