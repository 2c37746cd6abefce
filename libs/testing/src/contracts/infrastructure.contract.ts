import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Progress } from '@berth/domain';
import { findPostgresPrograms, runProgram } from '@berth/local-postgres';
import type { Infrastructure, InfrastructureWork, Instance, InstanceSpec } from '@berth/ports';

export interface InstanceAdmin {
  readonly username: string;
  readonly password: string;
}

export interface InfrastructureSubject {
  readonly infrastructure: Infrastructure;
  /** `superuser|createrole|createdb` of the login as the server says them, or null when it is refused. */
  readonly rightsOf: (instance: Instance, admin: InstanceAdmin) => Promise<string | null>;
  /** Ends the instance's server as kill -9 does. */
  readonly kill9: (clusterId: string) => Promise<void>;
  /** Makes the instance's data vanish, as `rm -rf` by hand does. */
  readonly loseData: (clusterId: string) => Promise<void>;
  /** Begins a create and kills it in the middle, as a worker that dies does. */
  readonly dieInCreate: (spec: InstanceSpec, admin: InstanceAdmin) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Logs in for real, by password over TCP. */
export async function rightsByLogin(instance: Instance, admin: InstanceAdmin): Promise<string | null> {
  const { bin } = await findPostgresPrograms({ path: process.env['PATH'] });
  const sql = 'SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user';
  const { code, stdout } = await runProgram(path.join(bin, 'psql'), ['-XAtc', sql], {
    env: {
      PGHOST: instance.host,
      PGPORT: String(instance.port),
      PGUSER: admin.username,
      PGPASSWORD: admin.password,
      PGDATABASE: 'postgres',
      PGCONNECT_TIMEOUT: '5',
    },
  });
  return code === 0 ? stdout.trim() : null;
}

export interface RecordedWork extends InfrastructureWork {
  readonly seen: readonly Progress[];
  readonly abort: () => void;
}

export function recordedWork(): RecordedWork {
  const controller = new AbortController();
  const seen: Progress[] = [];
  return {
    signal: controller.signal,
    onProgress: (progress) => seen.push(progress),
    seen,
    abort: () => {
      controller.abort();
    },
  };
}

let instancesNamed = 0;

export function instanceSpec(over: Partial<InstanceSpec> = {}): InstanceSpec {
  instancesNamed += 1;
  return {
    clusterId: `dedicated-acme-g${String(instancesNamed)}`,
    tenantId: 'acme',
    labels: { region: 'eu-central-1', plan: 'enterprise' },
    ...over,
  };
}

export function instanceAdmin(): InstanceAdmin {
  return { username: 'berth_admin', password: randomBytes(16).toString('hex') };
}

/** What every infrastructure does. One subject for the whole suite: making one may take a second. */
export function describeInfrastructureContract(name: string, makeSubject: () => Promise<InfrastructureSubject>): void {
  describe(`the infrastructure ${name}`, () => {
    let subject: InfrastructureSubject;
    let infrastructure: Infrastructure;
    const made: string[] = [];
    const spec = (over: Partial<InstanceSpec> = {}): InstanceSpec => {
      const one = instanceSpec(over);
      made.push(one.clusterId);
      return one;
    };

    beforeAll(async () => {
      subject = await makeSubject();
      infrastructure = subject.infrastructure;
    }, 60_000);
    afterAll(async () => {
      await subject.close();
    }, 60_000);
    afterEach(async () => {
      for (const clusterId of made.splice(0)) await infrastructure.destroy(clusterId, recordedWork());
    }, 60_000);

    it('knows nothing at first', async () => {
      expect(await infrastructure.list()).toEqual([]);
      expect(await infrastructure.inspect('dedicated-nobody-g1')).toEqual({ state: 'absent' });
    });

    it('plans in sentences, and makes nothing by it', async () => {
      const wanted = spec();
      const sentences = await infrastructure.plan(wanted);
      expect(sentences.length).toBeGreaterThan(0);
      for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/s);
      expect(await infrastructure.inspect(wanted.clusterId)).toEqual({ state: 'absent' });
      expect(await infrastructure.list()).toEqual([]);
    }, 60_000);

    it('makes an instance whose admin makes roles and databases and is no superuser', async () => {
      const wanted = spec();
      const admin = instanceAdmin();
      const work = recordedWork();
      const instance = await infrastructure.create(wanted, admin, work);
      expect(instance).toMatchObject({ clusterId: wanted.clusterId, labels: wanted.labels, host: expect.any(String) });
      expect(instance.postgresMajor).toBeGreaterThanOrEqual(15);
      expect(await subject.rightsOf(instance, admin)).toBe('f|t|t');
      expect(await subject.rightsOf(instance, { ...admin, password: 'wrong' })).toBeNull();
      expect(await infrastructure.inspect(wanted.clusterId)).toEqual({ state: 'running', instance });
      expect(await infrastructure.list()).toEqual([wanted.clusterId]);
      expect(work.seen.length).toBeGreaterThan(1);
      expect(JSON.stringify(work.seen)).not.toContain(admin.password);
    }, 60_000);

    it('creates twice without a change, and takes the password of the last call', async () => {
      const wanted = spec();
      const [first, second] = [instanceAdmin(), instanceAdmin()];
      const instance = await infrastructure.create(wanted, first, recordedWork());
      expect(await infrastructure.create(wanted, second, recordedWork())).toEqual(instance);
      expect(await subject.rightsOf(instance, second)).toBe('f|t|t');
      expect(await subject.rightsOf(instance, first)).toBeNull();
    }, 60_000);

    it('finishes what a killed create left half-made', async () => {
      const wanted = spec();
      const admin = instanceAdmin();
      await subject.dieInCreate(wanted, admin);
      expect(await infrastructure.list()).toEqual([wanted.clusterId]);
      expect((await infrastructure.inspect(wanted.clusterId)).state).not.toBe('absent');
      const instance = await infrastructure.create(wanted, admin, recordedWork());
      expect(await subject.rightsOf(instance, admin)).toBe('f|t|t');
    }, 60_000);

    it('destroys what a killed create left half-made', async () => {
      const wanted = spec();
      await subject.dieInCreate(wanted, instanceAdmin());
      await infrastructure.destroy(wanted.clusterId, recordedWork());
      expect(await infrastructure.inspect(wanted.clusterId)).toEqual({ state: 'absent' });
      expect(await infrastructure.list()).toEqual([]);
    }, 60_000);

    it('destroys an instance, and destroys twice', async () => {
      const wanted = spec();
      const admin = instanceAdmin();
      const instance = await infrastructure.create(wanted, admin, recordedWork());
      const work = recordedWork();
      await infrastructure.destroy(wanted.clusterId, work);
      expect(work.seen.length).toBeGreaterThan(0);
      expect(await infrastructure.inspect(wanted.clusterId)).toEqual({ state: 'absent' });
      expect(await infrastructure.list()).toEqual([]);
      expect(await subject.rightsOf(instance, admin).catch(() => null)).toBeNull();
      await infrastructure.destroy(wanted.clusterId, recordedWork());
    }, 60_000);

    it('sees that an instance was killed, and starts it again', async () => {
      const wanted = spec();
      const admin = instanceAdmin();
      await infrastructure.create(wanted, admin, recordedWork());
      await subject.kill9(wanted.clusterId);
      expect(await infrastructure.inspect(wanted.clusterId)).toMatchObject({ state: 'stopped' });
      await infrastructure.ensureRunning([wanted.clusterId]);
      const status = await infrastructure.inspect(wanted.clusterId);
      expect(status).toMatchObject({ state: 'running', instance: { labels: wanted.labels } });
      if (status.state === 'running') expect(await subject.rightsOf(status.instance, admin)).toBe('f|t|t');
      await infrastructure.ensureRunning([wanted.clusterId]);
    }, 60_000);

    it('creates again where the server was killed after it was made', async () => {
      const wanted = spec();
      const admin = instanceAdmin();
      await infrastructure.create(wanted, admin, recordedWork());
      await subject.kill9(wanted.clusterId);
      const instance = await infrastructure.create(wanted, admin, recordedWork());
      expect(await subject.rightsOf(instance, admin)).toBe('f|t|t');
    }, 60_000);

    it('starts the others when one of them cannot be started', async () => {
      const wanted = spec();
      await infrastructure.create(wanted, instanceAdmin(), recordedWork());
      await subject.kill9(wanted.clusterId);
      await expect(infrastructure.ensureRunning(['dedicated-nobody-g1', wanted.clusterId])).rejects.toMatchObject({
        code: 'infrastructure-failed',
        message: expect.stringContaining('dedicated-nobody-g1'),
      });
      expect(await infrastructure.inspect(wanted.clusterId)).toMatchObject({ state: 'running' });
    }, 60_000);

    it('makes two instances at once', async () => {
      const wanted = [spec(), spec({ tenantId: 'globex' })];
      const instances = await Promise.all(
        wanted.map(async (one) => infrastructure.create(one, instanceAdmin(), recordedWork())),
      );
      expect(new Set(instances.map(({ port }) => port)).size).toBe(2);
      expect(await infrastructure.list()).toEqual(wanted.map(({ clusterId }) => clusterId).sort());
    }, 60_000);

    it('never puts an empty instance in the place of a lost one', async () => {
      const wanted = spec();
      await infrastructure.create(wanted, instanceAdmin(), recordedWork());
      await subject.loseData(wanted.clusterId);
      expect(await infrastructure.inspect(wanted.clusterId)).toMatchObject({ state: 'broken' });
      expect(await infrastructure.plan(wanted)).toEqual([expect.stringMatching(/^Refuse/)]);
      await expect(infrastructure.create(wanted, instanceAdmin(), recordedWork())).rejects.toMatchObject({
        code: 'infrastructure-failed',
        retry: 'operator',
      });
      await infrastructure.destroy(wanted.clusterId, recordedWork());
      expect(await infrastructure.inspect(wanted.clusterId)).toEqual({ state: 'absent' });
    }, 60_000);

    it('does nothing once it was cancelled', async () => {
      const wanted = spec();
      const work = recordedWork();
      work.abort();
      await expect(infrastructure.create(wanted, instanceAdmin(), work)).rejects.toMatchObject({ code: 'cancelled' });
      expect(await infrastructure.inspect(wanted.clusterId)).toEqual({ state: 'absent' });
    }, 60_000);

    it.each(['', '..', '../x', 'A', 'a_b', '-a', 'a-', 'a/b', 'a'.repeat(64)])(
      'refuses %j as a name',
      async (clusterId) => {
        const wrong = { clusterId, tenantId: 'acme', labels: {} };
        const work = recordedWork();
        for (const call of [
          infrastructure.plan(wrong),
          infrastructure.create(wrong, instanceAdmin(), work),
          infrastructure.inspect(clusterId),
          infrastructure.destroy(clusterId, work),
        ]) {
          await expect(call).rejects.toMatchObject({ code: 'invalid-name' });
        }
      },
    );
  });
}
