import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Machine, installCommand, installPostgresPrograms } from './install.js';

describe('installing PostgreSQL', () => {
  let top: string;
  let calls: { readonly args: string; readonly clusterFile: string }[];

  beforeEach(async () => {
    top = await mkdtemp(path.join(tmpdir(), 'berth-install-'));
    calls = [];
    await writeFile(path.join(top, 'createcluster.conf'), '# as Debian ships it\n');
  });

  afterEach(async () => {
    await rm(top, { recursive: true, force: true });
  });

  const machine = async (
    release: string,
    more: Partial<Machine> = {},
    codeOf: (args: string) => number = () => 0,
  ): Promise<Machine> => {
    await writeFile(path.join(top, 'os-release'), release);
    return {
      platform: 'linux',
      root: true,
      osReleaseFile: path.join(top, 'os-release'),
      createClusterFile: path.join(top, 'createcluster.conf'),
      run: async (program, words) => {
        const args = [program, ...words].join(' ');
        calls.push({ args, clusterFile: await readFile(path.join(top, 'createcluster.conf'), 'utf8') });
        return { code: codeOf(args), stdout: `output of ${args}\n`, stderr: '' };
      },
      ...more,
    };
  };
  const log = (): string => path.join(top, 'log');

  it.each([
    ['ID=debian', true, 'apt-get install -y postgresql'],
    ['ID=ubuntu\nID_LIKE=debian', false, 'sudo apt-get install -y postgresql'],
    ['ID="linuxmint"\nID_LIKE="ubuntu debian"', false, 'sudo apt-get install -y postgresql'],
    ['ID="rocky"\nID_LIKE="rhel centos fedora"', true, 'dnf install -y postgresql-server postgresql-contrib'],
    ['ID=alpine', true, 'apk add postgresql postgresql-contrib'],
    ['ID=unheard-of', true, 'install PostgreSQL 15 or newer, server and client, by your package manager'],
  ])('knows the command for %j', async (release, root, command) => {
    expect(await installCommand(await machine(release, { root }))).toBe(command);
  });

  it('names brew on a Mac', async () => {
    expect(await installCommand(await machine('', { platform: 'darwin' }))).toBe('brew install postgresql@17');
  });

  it('installs as root on Debian, without a cluster of its own, and puts the setting back', async () => {
    const sentences: string[] = [];
    const result = await installPostgresPrograms({
      log: log(),
      machine: await machine('ID=debian'),
      progress: (sentence) => sentences.push(sentence),
    });
    expect(result).toEqual({ installed: true, log: log() });
    expect(calls.map(({ args }) => args)).toEqual([
      'apt-get -q install -y --no-install-recommends postgresql-common',
      'apt-get -q install -y postgresql',
    ]);
    expect(calls[1]?.clusterFile).toContain('create_main_cluster = false');
    expect(await readFile(path.join(top, 'createcluster.conf'), 'utf8')).toBe('# as Debian ships it\n');
    expect(sentences).toEqual(['installing postgresql-common', 'installing postgresql']);
    expect(await readFile(log(), 'utf8')).toContain('output of apt-get -q install -y postgresql');
  });

  it('reads the package lists when the first try fails', async () => {
    let updated = false;
    const codeOf = (args: string): number => {
      updated ||= args.endsWith(' update');
      return updated ? 0 : 100;
    };
    await installPostgresPrograms({ log: log(), machine: await machine('ID=debian', {}, codeOf) });
    expect(calls.map(({ args }) => args.split(' ').at(-1))).toEqual([
      'postgresql-common',
      'update',
      'postgresql-common',
      'postgresql',
    ]);
  });

  it('names the log when it fails, and puts the setting back', async () => {
    const codeOf = (args: string): number => (args.endsWith(' postgresql') ? 100 : 0);
    const installing = installPostgresPrograms({ log: log(), machine: await machine('ID=debian', {}, codeOf) });
    await expect(installing).rejects.toMatchObject({
      code: 'postgres-programs-missing',
      message: expect.stringContaining(log()),
    });
    expect(await readFile(path.join(top, 'createcluster.conf'), 'utf8')).toBe('# as Debian ships it\n');
  });

  it.each([
    ['ID=debian', false],
    ['ID=fedora', true],
  ])('only answers the command for %j with root %j', async (release, root) => {
    const result = await installPostgresPrograms({ log: log(), machine: await machine(release, { root }) });
    expect(result.installed).toBe(false);
    expect(calls).toEqual([]);
  });
});
