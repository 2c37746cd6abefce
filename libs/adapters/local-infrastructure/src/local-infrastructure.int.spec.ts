import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocalServer } from '@berth/local-postgres';
import {
  describeInfrastructureContract,
  instanceAdmin,
  instanceSpec,
  postgresMajors,
  recordedWork,
  rightsByLogin,
  runChildScript,
  whenAvailable,
} from '@berth/testing';
import { LocalInfrastructure } from './local-infrastructure.js';

const createInChild = `
  import { LocalInfrastructure } from '@berth/local-infrastructure';
  const { root, path, spec, admin } = JSON.parse(process.argv[1]);
  const infrastructure = new LocalInfrastructure({ root, programs: { path } });
  const onProgress = ({ text }) => console.log(text);
  await infrastructure.create(spec, admin, { signal: new AbortController().signal, onProgress });
`;

async function makeRoot(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'berth-instances-'));
  // The servers' user must pass through; what an instance holds is 0700.
  await chmod(root, 0o711);
  return root;
}

async function kill9(root: string, clusterId: string): Promise<void> {
  const server = new LocalServer({ folder: path.join(root, clusterId) });
  const { pid } = await server.status();
  if (pid === undefined) throw new Error('the instance does not run');
  process.kill(pid, 'SIGKILL');
  while ((await server.status()).state === 'running') await new Promise((resolve) => setImmediate(resolve));
}

const majors = (await postgresMajors()).map(({ major }) => major);

whenAvailable(
  {
    name: 'a second PostgreSQL version',
    missing: majors.length > 1 ? undefined : 'name its bin folder in BERTH_TEST_PG_BINS',
  },
  'LocalInfrastructure with two PostgreSQL versions',
  () => {
    it('makes the wanted one, and never hands out the other', async () => {
      const root = await makeRoot();
      const [newer = 0, older = 0] = majors;
      const folders = (await postgresMajors()).map(({ bin }) => bin).join(path.delimiter);
      const infrastructure = new LocalInfrastructure({ root, programs: { path: folders } });
      const spec = instanceSpec({ postgresMajor: older });
      const admin = instanceAdmin();
      const instance = await infrastructure.create(spec, admin, recordedWork());
      expect(instance.postgresMajor).toBe(older);
      await expect(
        infrastructure.create({ ...spec, postgresMajor: newer }, admin, recordedWork()),
      ).rejects.toMatchObject({ code: 'infrastructure-failed', retry: 'never' });
      expect(await infrastructure.inspect(spec.clusterId)).toEqual({ state: 'running', instance });
      await infrastructure.destroy(spec.clusterId, recordedWork());
      await rm(root, { recursive: true });
    });
  },
);

const programs = { path: process.env['PATH'] };

describeInfrastructureContract('of this machine (local)', async () => {
  const root = await makeRoot();
  return {
    infrastructure: new LocalInfrastructure({ root, programs }),
    rightsOf: rightsByLogin,
    kill9: async (clusterId) => kill9(root, clusterId),
    loseData: async (clusterId) => {
      await kill9(root, clusterId);
      await rm(path.join(root, clusterId), { recursive: true });
    },
    dieInCreate: async (spec, admin) => {
      const child = runChildScript(createInChild, { root, path: process.env['PATH'], spec, admin });
      await child.line('making a PostgreSQL');
      await child.kill9();
    },
    close: async () => rm(root, { recursive: true, force: true }),
  };
});

describe('LocalInfrastructure', () => {
  let root: string;
  let infrastructure: LocalInfrastructure;
  beforeAll(async () => {
    root = await makeRoot();
    infrastructure = new LocalInfrastructure({ root, programs });
  });
  afterAll(async () => {
    for (const clusterId of await infrastructure.list()) await infrastructure.destroy(clusterId, recordedWork());
    await rm(root, { recursive: true, force: true });
  });

  // Failpoints from outside: the child is killed at each sentence that it reports.
  it.each(['looking at', 'making a PostgreSQL', 'starting the server', 'making the admin', 'accepts connections'])(
    'finishes a create that was killed at "%s"',
    async (sentence) => {
      const spec = instanceSpec();
      const admin = instanceAdmin();
      const child = runChildScript(createInChild, { root, path: process.env['PATH'], spec, admin });
      await child.line(sentence);
      await child.kill9();
      const instance = await infrastructure.create(spec, admin, recordedWork());
      expect(await rightsByLogin(instance, admin)).toBe('f|t|t');
      await infrastructure.destroy(spec.clusterId, recordedWork());
      expect(await readdir(root)).toEqual([]);
    },
  );

  it('writes no password and no verifier to any file of its own, nor to the server’s log', async () => {
    const spec = instanceSpec();
    const admin = instanceAdmin();
    await infrastructure.create(spec, admin, recordedWork());
    const log = await readFile(path.join(root, spec.clusterId, 'log'), 'utf8');
    const note = await readFile(path.join(root, `${spec.clusterId}.json`), 'utf8');
    for (const text of [log, note]) {
      expect(text).not.toContain(admin.password);
      expect(text).not.toContain('SCRAM-SHA-256$');
    }
    expect((await stat(path.join(root, spec.clusterId))).mode & 0o777).toBe(0o700);
    await infrastructure.destroy(spec.clusterId, recordedWork());
  });

  it('refuses a version that is not on this machine, by name', async () => {
    const spec = instanceSpec({ postgresMajor: 99 });
    for (const call of [infrastructure.plan(spec), infrastructure.create(spec, instanceAdmin(), recordedWork())]) {
      await expect(call).rejects.toMatchObject({
        code: 'postgres-programs-missing',
        message: expect.stringContaining('PostgreSQL 99'),
      });
    }
    expect(await infrastructure.list()).toEqual([]);
  });

  it('keeps a folder in which somebody else keeps something, and says which', async () => {
    const spec = instanceSpec();
    const folder = path.join(root, spec.clusterId);
    await mkdir(folder);
    await writeFile(path.join(folder, 'notes.txt'), 'mine');
    await expect(infrastructure.destroy(spec.clusterId, recordedWork())).rejects.toMatchObject({
      code: 'infrastructure-failed',
      retry: 'operator',
      message: expect.stringContaining(folder),
    });
    await rm(folder, { recursive: true });
  });
});
