import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { LocalInfrastructure } from '@berth/local-infrastructure';
import { LocalServer, runAsSuperuser, runProgram } from '@berth/local-postgres';
import {
  describeInfrastructureContract,
  instanceAdmin,
  instanceSpec,
  isProcessAlive,
  recordedWork,
  rightsByLogin,
  runChildScript,
  startPostgres,
  whenAvailable,
  type TestPostgres,
} from '@berth/testing';
import { LocalModule, type LocalModuleOptions } from './local-module.js';
import { findTerraform, type TerraformProgram } from './find-terraform.js';
import { TerraformInfrastructure, type TerraformInfrastructureOptions } from './terraform-infrastructure.js';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');
const searchPath = process.env['PATH'];
const found = await findTerraform({ path: searchPath });
const terraformPart = {
  name: 'Terraform',
  missing: found === null ? 'neither terraform (1.4 or newer) nor tofu is on PATH' : undefined,
};
const setUpMs = 120_000;
const testMs = 60_000;
const nextTurn = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

interface Bench {
  readonly state: TestPostgres;
  readonly stateUrl: string;
  readonly root: string;
  readonly workRoot: string;
  readonly instanceRoot: string;
  make(over?: Partial<TerraformInfrastructureOptions & LocalModuleOptions>): TerraformInfrastructure;
  pidOf(clusterId: string): Promise<number>;
  kill9(clusterId: string): Promise<void>;
  close(): Promise<void>;
}

async function makeBench(): Promise<Bench> {
  // The provisioners run built code.
  const built = await runProgram(process.execPath, [path.join(repository, 'scripts', 'build.mjs')]);
  if (built.code !== 0) throw new Error(built.stderr);
  const state = await startPostgres();
  const stateUrl = state.adminUrl(await state.createDatabase());
  const root = await mkdtemp(path.join(tmpdir(), 'berth-terraform-'));
  await chmod(root, 0o711);
  const [workRoot, instanceRoot] = [path.join(root, 'work'), path.join(root, 'instances')];
  const programs = { path: searchPath };
  const server = (clusterId: string): LocalServer => new LocalServer({ folder: path.join(instanceRoot, clusterId) });
  return {
    state,
    stateUrl,
    root,
    workRoot,
    instanceRoot,
    make: (over = {}) =>
      new TerraformInfrastructure({
        terraform: found as TerraformProgram,
        stateServer: { url: stateUrl },
        workRoot,
        module: new LocalModule({ instanceRoot, programs, ...over }),
        instances: new LocalInfrastructure({ root: instanceRoot, programs }),
        ...over,
      }),
    /** Of the Terraform that is applying now. */
    pidOf: async (clusterId) => {
      for (;;) {
        const note = await readFile(path.join(workRoot, clusterId, 'running.json'), 'utf8').catch(() => null);
        if (note !== null) return (JSON.parse(note) as { process: { pid: number } }).process.pid;
        await nextTurn();
      }
    },
    kill9: async (clusterId) => {
      const { pid } = await server(clusterId).status();
      process.kill(pid!, 'SIGKILL');
      while ((await server(clusterId).status()).state === 'running') await nextTurn();
    },
    close: async () => {
      await state.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** The server is being made: Terraform is in the middle of its provisioner. */
async function isBeingMade(bench: Bench, clusterId: string): Promise<void> {
  for (;;) {
    const names = await readdir(path.join(bench.instanceRoot, clusterId)).catch(() => []);
    if (names.some((name) => name.startsWith('data'))) return;
    await nextTurn();
  }
}

whenAvailable(terraformPart, 'Terraform', () => {
  describeInfrastructureContract('by Terraform, state in PostgreSQL', async () => {
    const bench = await makeBench();
    const infrastructure = bench.make();
    return {
      infrastructure,
      rightsOf: rightsByLogin,
      kill9: bench.kill9,
      loseData: async (clusterId) => {
        await bench.kill9(clusterId);
        await rm(path.join(bench.instanceRoot, clusterId), { recursive: true });
      },
      dieInCreate: async (spec, admin) => {
        const created = infrastructure.create(spec, admin, recordedWork()).catch((thrown: unknown) => thrown);
        const pid = await bench.pidOf(spec.clusterId);
        await isBeingMade(bench, spec.clusterId);
        process.kill(pid, 'SIGKILL');
        expect(await created).toMatchObject({ code: 'infrastructure-failed' });
      },
      close: bench.close,
    };
  });

  describe('TerraformInfrastructure', () => {
    let bench: Bench;
    let infrastructure: TerraformInfrastructure;
    beforeAll(async () => {
      bench = await makeBench();
      infrastructure = bench.make();
    }, setUpMs);
    // What a failed test left would fail the next ones for no reason of theirs.
    afterEach(async () => {
      for (const clusterId of await infrastructure.list()) await infrastructure.destroy(clusterId, recordedWork());
    }, setUpMs);
    afterAll(async () => bench.close(), setUpMs);

    it(
      'leaves neither password nor verifier in state, arguments, files or what it reports',
      async () => {
        const spec = instanceSpec();
        const admin = instanceAdmin();
        const work = recordedWork();
        let over = false;
        const seen = new Set<string>();
        const watch = (async () => {
          while (!over) {
            for (const name of (await readdir('/proc').catch(() => [])).filter((entry) => /^\d+$/.test(entry))) {
              seen.add(await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => ''));
            }
            await nextTurn();
          }
        })();
        await infrastructure.create(spec, admin, work);
        over = true;
        await watch;
        // The watch saw the runs that it is about, so its silence means something.
        if (process.platform === 'linux') {
          expect([...seen].some((line) => line.includes('apply'))).toBe(true);
          expect([...seen].some((line) => line.includes('local-instance.main.js'))).toBe(true);
        }
        const server = new LocalServer({ folder: path.join(bench.instanceRoot, spec.clusterId) });
        const verifier = (
          await runAsSuperuser(server, `SELECT rolpassword FROM pg_authid WHERE rolname = '${admin.username}'`)
        ).trim();
        expect(verifier).toMatch(/^SCRAM-SHA-256\$/);
        const statePassword = bench.state.admin.password;
        const database = new URL(bench.stateUrl).pathname.slice(1);
        const states = await bench.state.psql('SELECT name, data FROM berth_terraform.states', database);
        expect(states).toContain(spec.clusterId);
        const files = await filesBelow(bench.workRoot);
        expect(files.length).toBeGreaterThan(3);
        const log = await readFile(path.join(bench.instanceRoot, spec.clusterId, 'log'), 'utf8');
        for (const text of [states, log, JSON.stringify(work.seen), ...seen, ...files]) {
          for (const secret of [admin.password, verifier, 'SCRAM-SHA-256$', statePassword]) {
            // Jest's own message would print the secret's surroundings.
            if (text.includes(secret)) throw new Error(`a secret shows in ${text.slice(0, 60)}…`);
          }
        }
        await infrastructure.destroy(spec.clusterId, recordedWork());
      },
      testMs,
    );

    it(
      'ends the Terraform that a killed worker left behind, and finishes its work',
      async () => {
        const spec = instanceSpec();
        const admin = instanceAdmin();
        const child = runChildScript(createInChild, { ...childOptions(bench), spec, admin });
        const pid = await Promise.race([bench.pidOf(spec.clusterId), child.ended.then(() => 0)]);
        expect(child.stderr()).toBe('');
        await isBeingMade(bench, spec.clusterId);
        process.kill(pid, 'SIGSTOP'); // Stopped, it cannot end before the next create comes.
        await child.kill9();
        process.kill(pid, 'SIGCONT');
        const work = recordedWork();
        const instance = await infrastructure.create(spec, admin, work);
        expect(await rightsByLogin(instance, admin)).toBe('f|t|t');
        expect(await isProcessAlive(pid)).toBe(false);
        await infrastructure.destroy(spec.clusterId, recordedWork());
      },
      testMs,
    );

    it(
      'kills an orphan that does not heed the interrupt',
      async () => {
        const spec = instanceSpec();
        const admin = instanceAdmin();
        const child = runChildScript(createInChild, { ...childOptions(bench), spec, admin });
        const pid = await Promise.race([bench.pidOf(spec.clusterId), child.ended.then(() => 0)]);
        await isBeingMade(bench, spec.clusterId);
        process.kill(pid, 'SIGSTOP');
        await child.kill9();
        const work = recordedWork();
        const instance = await bench.make({ graceMs: 200 }).create(spec, admin, work);
        expect(work.seen.map(({ text }) => text).join('\n')).toContain(`(process ${String(pid)}) was left behind`);
        expect(await rightsByLogin(instance, admin)).toBe('f|t|t');
        await infrastructure.destroy(spec.clusterId, recordedWork());
      },
      testMs,
    );

    it(
      'says who holds a lock that is not its own, and goes on when it is free',
      async () => {
        const spec = instanceSpec();
        const admin = instanceAdmin();
        await infrastructure.create(spec, admin, recordedWork());
        const database = new URL(bench.stateUrl).pathname.slice(1);
        const id = await bench.state.psql(
          `SELECT id FROM berth_terraform.states WHERE name = '${spec.clusterId}'`,
          database,
        );
        const holder = runChildScript(holdLock, { url: bench.stateUrl, id });
        await holder.line('held');
        const refused = await infrastructure.create(spec, admin, recordedWork()).catch((thrown: unknown) => thrown);
        expect(refused).toMatchObject({
          code: 'infrastructure-locked',
          retry: 'backoff',
          message: expect.stringMatching(/session \d+ from 127\.0\.0\.1, since 20/),
          hint: expect.stringContaining('pg_terminate_backend('),
        });
        await holder.kill9();
        await expect(infrastructure.create(spec, admin, recordedWork())).resolves.toMatchObject({
          labels: spec.labels,
        });
        await infrastructure.destroy(spec.clusterId, recordedWork());
      },
      testMs,
    );

    it(
      'stops in the middle when it is cancelled, leaves no lock, and can be undone',
      async () => {
        const spec = instanceSpec();
        const work = recordedWork();
        const created = infrastructure.create(spec, instanceAdmin(), work).catch((thrown: unknown) => thrown);
        const pid = await bench.pidOf(spec.clusterId);
        await isBeingMade(bench, spec.clusterId);
        work.abort();
        expect(await created).toMatchObject({ code: 'cancelled' });
        expect(await isProcessAlive(pid)).toBe(false);
        await infrastructure.destroy(spec.clusterId, recordedWork());
        expect(await infrastructure.inspect(spec.clusterId)).toEqual({ state: 'absent' });
        expect(await readdir(bench.instanceRoot)).toEqual([]);
      },
      testMs,
    );

    it(
      'goes on after a cancelled create, from the resource that Terraform calls tainted',
      async () => {
        const spec = instanceSpec();
        const [first, second] = [recordedWork(), instanceAdmin()];
        const created = infrastructure.create(spec, instanceAdmin(), first).catch((thrown: unknown) => thrown);
        await isBeingMade(bench, spec.clusterId);
        first.abort();
        expect(await created).toMatchObject({ code: 'cancelled' });
        const database = new URL(bench.stateUrl).pathname.slice(1);
        const state = await bench.state.psql(
          `SELECT data FROM berth_terraform.states WHERE name = '${spec.clusterId}'`,
          database,
        );
        expect(state).toMatch(/"status":\s*"tainted"/);
        const instance = await infrastructure.create(spec, second, recordedWork());
        expect(await rightsByLogin(instance, second)).toBe('f|t|t');
        await infrastructure.destroy(spec.clusterId, recordedWork());
      },
      testMs,
    );

    it(
      'reports while nothing happens',
      async () => {
        const spec = instanceSpec();
        const work = recordedWork();
        await bench.make({ heartbeatMs: 100 }).create(spec, instanceAdmin(), work);
        expect(work.seen.filter(({ text }) => /\(\d+ s\)$/.test(text)).length).toBeGreaterThan(2);
        await infrastructure.destroy(spec.clusterId, recordedWork());
      },
      testMs,
    );

    it(
      'works without its working folder, which is only a convenience',
      async () => {
        const spec = instanceSpec();
        await infrastructure.create(spec, instanceAdmin(), recordedWork());
        await rm(bench.workRoot, { recursive: true });
        expect(await infrastructure.list()).toEqual([spec.clusterId]);
        await infrastructure.destroy(spec.clusterId, recordedWork());
        expect(await infrastructure.list()).toEqual([]);
        expect(await readdir(bench.instanceRoot)).toEqual([]);
      },
      testMs,
    );

    it(
      'says so when the database of its state is down, and shows no password',
      async () => {
        const url = bench.stateUrl.replace(/:\d+\//, ':1/');
        const error = await bench
          .make({ stateServer: { url } })
          .create(instanceSpec(), instanceAdmin(), recordedWork())
          .catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'infrastructure-failed', retry: 'backoff' });
        expect((error as Error).message).toMatch(/^Terraform cannot use the database that holds its state/);
        expect((error as Error).message).not.toContain(bench.state.admin.password);
        await rm(bench.workRoot, { recursive: true });
      },
      testMs,
    );

    it(
      'tells what our program said when making the server failed',
      async () => {
        const spec = instanceSpec();
        const failing = bench.make({ programs: { explicit: '/nowhere/bin' } });
        await expect(failing.create(spec, instanceAdmin(), recordedWork())).rejects.toMatchObject({
          code: 'postgres-programs-missing',
          message: expect.stringContaining('/nowhere/bin'),
        });
        await infrastructure.destroy(spec.clusterId, recordedWork());
      },
      testMs,
    );

    it(
      'plans what it will do, and nothing for what another version would need',
      async () => {
        const spec = instanceSpec();
        expect(await infrastructure.plan(spec)).toEqual([
          expect.stringMatching(/^Make a PostgreSQL server/),
          expect.stringMatching(/^Make its admin login/),
        ]);
        await expect(infrastructure.plan(instanceSpec({ postgresMajor: 99 }))).rejects.toMatchObject({
          code: 'postgres-programs-missing',
        });
        await infrastructure.create(spec, instanceAdmin(), recordedWork());
        expect(await infrastructure.plan(spec)).toEqual([expect.stringMatching(/set the verifier of its admin login/)]);
        await infrastructure.destroy(spec.clusterId, recordedWork());
      },
      testMs,
    );

    it(
      'leaves nothing in the state’s database after a destroy',
      async () => {
        const spec = instanceSpec();
        await infrastructure.create(spec, instanceAdmin(), recordedWork());
        await infrastructure.destroy(spec.clusterId, recordedWork());
        const database = new URL(bench.stateUrl).pathname.slice(1);
        expect(await bench.state.psql('SELECT name FROM berth_terraform.states', database)).toBe('');
      },
      testMs,
    );
  });
});

const holdLock = `
  import { createRequire } from 'node:module';
  const { url, id } = JSON.parse(process.argv[1]);
  const pg = createRequire(process.cwd() + '/libs/adapters/terraform/package.json')('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('SELECT pg_advisory_lock($1)', [id]);
  console.log('held');
  setInterval(() => undefined, 1000);
`;

const createInChild = `
  import { LocalModule, TerraformInfrastructure } from '@berth/terraform';
  import { LocalInfrastructure } from '@berth/local-infrastructure';
  const { options, spec, admin } = JSON.parse(process.argv[1]);
  const instances = new LocalInfrastructure({ root: options.instanceRoot, programs: options.programs });
  const infrastructure = new TerraformInfrastructure({ ...options, module: new LocalModule(options), instances });
  await infrastructure.create(spec, admin, { signal: new AbortController().signal, onProgress: () => undefined });
`;

function childOptions(bench: Bench): { readonly options: object } {
  const { stateUrl, workRoot, instanceRoot } = bench;
  const programs = { path: searchPath };
  return { options: { terraform: found, stateServer: { url: stateUrl }, workRoot, instanceRoot, programs } };
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (file) => readFile(file, 'utf8')));
}
