import path from 'node:path';
import { BerthError, asBerthError, scramVerifier, type Progress } from '@berth/domain';
import {
  LocalServer,
  createAdminLogin,
  createStreamsLogin,
  findPostgresPrograms,
  listPostgresPrograms,
  loopback,
  runAsSuperuser,
  type PostgresPrograms,
  type ProgramSearch,
} from '@berth/local-postgres';
import {
  Infrastructure,
  type InfrastructureWork,
  type InstanceAdmin,
  type Instance,
  type InstanceSpec,
  type InstanceStatus,
} from '@berth/ports';
import { failing, notRunning, refuseOtherVersion } from './instance-faults.js';
import { InstanceRecords } from './instance-records.js';

export interface LocalInfrastructureOptions {
  /** Holds one folder an instance. */
  readonly root: string;
  /** Where PostgreSQL's programs are looked for. */
  readonly programs: ProgramSearch;
  /** For folders that the server's user cannot reach; see local-postgres. */
  readonly reachableRoot?: string;
}

const createSteps = 4;

/** Dedicated instances as PostgreSQL servers on this machine, without any provisioning tool. */
export class LocalInfrastructure extends Infrastructure {
  private readonly records: InstanceRecords;

  constructor(private readonly options: LocalInfrastructureOptions) {
    super();
    this.records = new InstanceRecords(path.resolve(options.root));
  }

  async plan(spec: InstanceSpec): Promise<readonly string[]> {
    const folder = this.records.folderOf(spec.clusterId);
    const status = await this.inspect(spec.clusterId);
    if (status.state === 'broken')
      return [`Refuse to do anything: the instance was made before, and ${status.because}.`];
    const { state } = await this.serverOf(spec.clusterId).status();
    if (state === 'running') return [`Keep the PostgreSQL server that runs in ${folder}.`];
    if (state === 'stopped' || state === 'starting')
      return [`Start the PostgreSQL server in ${folder} and wait for it.`];
    const { version } = await this.programsFor(spec);
    return [
      `Make a PostgreSQL ${version} server in ${folder}.`,
      `Start it on a free port of ${loopback} and wait until it accepts connections.`,
      'Make its admin login: CREATEROLE and CREATEDB, no superuser.',
    ];
  }

  async create(spec: InstanceSpec, admin: InstanceAdmin, work: InfrastructureWork): Promise<Instance> {
    const { clusterId, tenantId, labels } = spec;
    return failing(clusterId, async () => {
      const report = reporter(work, createSteps);
      report('looking at what is there');
      await this.refuseLostData(clusterId);
      const programs = await this.programsFor(spec);
      const server = this.serverOf(clusterId, programs);
      // What was whole once stays so in the note, whatever becomes of this run: it guards the data.
      const before = await this.records.read(clusterId);
      await this.records.write(clusterId, { version: 1, state: before?.state ?? 'making', tenantId, labels });
      report(`making a PostgreSQL ${String(programs.major)} server`);
      await server.create({ purpose: 'dedicated' });
      report('starting the server');
      await server.start();
      report('making the admin login');
      const verifier = scramVerifier(admin.password);
      await createAdminLogin(server, { name: admin.username, verifier, replication: true, bypassRls: true });
      const { streams } = admin;
      if (streams !== undefined)
        await createStreamsLogin(server, { name: streams.username, verifier: scramVerifier(streams.password) });
      await this.records.write(clusterId, { version: 1, state: 'made', tenantId, labels });
      const status = await this.inspect(clusterId);
      if (status.state !== 'running') throw notRunning(clusterId, status);
      refuseOtherVersion(spec, status.instance);
      report('the server accepts connections');
      return status.instance;
    });
  }

  async inspect(clusterId: string): Promise<InstanceStatus> {
    const record = await this.records.read(clusterId);
    const server = this.serverOf(clusterId);
    const { state, host, port, major } = await server.status();
    switch (state) {
      case 'absent':
        if (record?.state === 'made') return { state: 'broken', because: 'its data folder is gone' };
        if (record === null && !(await this.records.hasFolder(clusterId))) return { state: 'absent' };
        return { state: 'creating', because: 'its creation began and did not end' };
      case 'damaged':
        return { state: 'broken', because: `its data folder in ${this.records.folderOf(clusterId)} is damaged` };
      case 'starting':
        return { state: 'stopped', because: 'it is starting or recovering' };
      case 'stopped':
        return { state: 'stopped', because: 'its server does not run' };
      case 'running':
        break;
    }
    if (record?.state === 'making') return { state: 'creating', because: 'its admin login is not known to stand' };
    const fault = await faultOf(server);
    if (fault !== null || port === undefined || major === undefined) {
      return { state: 'broken', because: `its server runs and does not answer: ${fault ?? 'no port is known'}` };
    }
    return {
      state: 'running',
      instance: { clusterId, host, port, postgresMajor: major, labels: record?.labels ?? {}, sslMode: 'disable' },
    };
  }

  async destroy(clusterId: string, work: InfrastructureWork): Promise<void> {
    await failing(clusterId, async () => {
      const report = reporter(work, 2);
      report('stopping the server and removing its files');
      await this.serverOf(clusterId).destroy();
      if (await this.records.hasFolder(clusterId)) {
        const folder = this.records.folderOf(clusterId);
        throw new BerthError('infrastructure-failed', `${folder} holds files that are not the server's, so it stays.`, {
          retry: 'operator',
          hint: `Look at them, remove them, and try again: ls -A ${folder}`,
        });
      }
      await this.records.remove(clusterId);
      report('the server and its files are gone');
    });
  }

  async list(): Promise<readonly string[]> {
    return this.records.list();
  }

  /** This machine says nothing that the server itself does not say. */
  async report(): Promise<null> {
    return null;
  }

  async quotas(): Promise<readonly []> {
    return [];
  }

  async ensureRunning(clusterIds: readonly string[]): Promise<void> {
    // One that cannot start must not keep the others down.
    const starts = await Promise.allSettled(clusterIds.map(async (id) => this.serverOf(id).start()));
    const faults = starts.flatMap((start, index) =>
      start.status === 'rejected' ? [`${String(clusterIds[index])}: ${asBerthError(start.reason).message}`] : [],
    );
    if (faults.length === 0) return;
    throw new BerthError('infrastructure-failed', `Not all instances could be started. ${faults.join('. ')}`, {
      details: { faults },
    });
  }

  /** A new empty server in the place of a lost one would look like an instance that works. */
  private async refuseLostData(clusterId: string): Promise<void> {
    const status = await this.inspect(clusterId);
    if (status.state !== 'broken') return;
    throw new BerthError('infrastructure-failed', `The instance ${clusterId} was made before, and ${status.because}.`, {
      retry: 'operator',
      hint: 'Restore the folder if its data is needed; else destroy the instance, and create it again.',
    });
  }

  private async programsFor({ postgresMajor }: InstanceSpec): Promise<PostgresPrograms> {
    const { programs: search } = this.options;
    if (postgresMajor === undefined) return findPostgresPrograms(search);
    const all = await listPostgresPrograms(search);
    const found = all.find(({ major }) => major === postgresMajor);
    if (found !== undefined) return found;
    const present = all.map(({ version }) => version).join(', ');
    throw new BerthError(
      'postgres-programs-missing',
      `PostgreSQL ${String(postgresMajor)} is not on this machine; there is ${present === '' ? 'none' : present}.`,
      { hint: `Install PostgreSQL ${String(postgresMajor)}, or choose a version that is there.` },
    );
  }

  private serverOf(clusterId: string, programs?: PostgresPrograms): LocalServer {
    const { reachableRoot } = this.options;
    return new LocalServer({ folder: this.records.folderOf(clusterId), programs, reachableRoot });
  }
}

/** Asks the server itself; null when it answers. */
async function faultOf(server: LocalServer): Promise<string | null> {
  return runAsSuperuser(server, 'SELECT 1').then(
    () => null,
    (thrown: unknown) => asBerthError(thrown).message,
  );
}

/** Counts the steps as they begin, and stops before one when the work was aborted. */
function reporter(work: InfrastructureWork, total: number): (text: string) => void {
  let done = 0;
  return (text) => {
    if (work.signal.aborted && done < total) throw new BerthError('cancelled', 'The work was cancelled.');
    const progress: Progress = { text, done: Math.min(done, total), total, unit: 'steps' };
    done += 1;
    work.onProgress(progress);
  };
}
