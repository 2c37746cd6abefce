import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { BerthError, scramVerifier } from '@berth/domain';
import { listPostgresPrograms, type ProgramSearch } from '@berth/local-postgres';
import {
  Infrastructure,
  type InfrastructureWork,
  type Instance,
  type InstanceSpec,
  type InstanceStatus,
} from '@berth/ports';
import type { TerraformProgram } from './find-terraform.js';
import { notRunning, refuseOtherVersion, withNote } from './read-back.js';
import { sentencesOf } from './terraform-events.js';
import { defaultStateSchema, type StateServer } from './state-server.js';
import { quietWork, TerraformWorkspace, type TerraformSettings, type WorkspaceRun } from './terraform-workspace.js';
import { checkClusterId, WorkingFolders, type RootModule } from './working-folder.js';

/** Reads and handles the instances themselves; Terraform only makes them. The infrastructure `local` over the same root. */
export type InstanceReader = Pick<Infrastructure, 'inspect' | 'destroy' | 'list' | 'ensureRunning'>;

export interface TerraformInfrastructureOptions {
  readonly terraform: TerraformProgram;
  readonly stateServer: StateServer;
  /** Holds Terraform's working folders, one an instance. */
  readonly workRoot: string;
  /** Holds the instances: the root that `instances` reads. */
  readonly instanceRoot: string;
  readonly instances: InstanceReader;
  /** Where PostgreSQL's programs are looked for. */
  readonly programs: ProgramSearch;
  /** Default: the module of this repository. */
  readonly moduleFolder?: string;
  /** Default: the built program of local-postgres. */
  readonly localInstanceProgram?: string;
  /** Longest silence of a run. Default: 2,000. */
  readonly heartbeatMs?: number;
  /** How long an interrupted Terraform may take before it is killed. Default: 20,000. */
  readonly graceMs?: number;
}

const defaultHeartbeatMs = 2_000;
const defaultGraceMs = 20_000;
const steps = 4;
const beside = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Dedicated instances of this machine by Terraform or OpenTofu, with its state in PostgreSQL, one workspace an instance. */
export class TerraformInfrastructure extends Infrastructure {
  private readonly folders: WorkingFolders;
  private readonly moduleFolder: string;

  constructor(private readonly options: TerraformInfrastructureOptions) {
    super();
    this.folders = new WorkingFolders(path.resolve(options.workRoot));
    this.moduleFolder = options.moduleFolder ?? beside('../../../../terraform/modules/tenant-storage-local');
  }

  async plan(spec: InstanceSpec): Promise<readonly string[]> {
    const { clusterId } = spec;
    checkClusterId(clusterId);
    const env = await this.versionEnvironment(spec);
    // A plan inside a workspace that is not there would make it; then it is planned without any state instead.
    const isThere = (await this.workspaces()).includes(clusterId);
    const status = await this.inspect(clusterId);
    if (status.state === 'broken')
      return [`Refuse to do anything: the instance was made before, and ${status.because}.`];
    const module = { ...this.moduleFor(spec), ...(isThere ? {} : { stateSchema: null }) };
    return this.folders.withScratch(module, async (folder) => {
      const workspace = this.workspaceOf({ ...quietWork(), clusterId, folder, env });
      await workspace.init({ backend: isThere });
      const { changes } = await workspace.plan({ backend: isThere });
      return changes.length === 0 ? ['Change nothing: the instance is as it should be.'] : sentencesOf(changes);
    });
  }

  async create(
    spec: InstanceSpec,
    admin: { readonly username: string; readonly password: string },
    work: InfrastructureWork,
  ): Promise<Instance> {
    const { clusterId, tenantId, labels } = spec;
    checkClusterId(clusterId);
    const report = stepReporter(work);
    const env = await this.versionEnvironment(spec);
    report(0, 'preparing Terraform');
    const folder = await this.folders.prepare(clusterId, this.moduleFor(spec, admin.username));
    const secretEnv = { BERTH_ADMIN_VERIFIER: scramVerifier(admin.password) };
    const onProgress = (text: string): void => {
      report(2, text);
    };
    const workspace = this.workspaceOf({ clusterId, folder, signal: work.signal, onProgress, env, secretEnv });
    await workspace.endOrphan();
    const before = await this.folders.note(clusterId);
    if (before === null) await this.folders.writeNote(clusterId, { state: 'making', tenantId, labels });
    await workspace.init();
    report(1, 'reading the state');
    await this.refuseLostData(clusterId, workspace);
    report(2, 'applying');
    await workspace.apply();
    await this.folders.writeNote(clusterId, { state: 'made', tenantId, labels });
    report(3, 'reading the instance back');
    const status = await this.inspect(clusterId);
    if (status.state !== 'running') throw notRunning(clusterId, status);
    refuseOtherVersion(spec, status.instance);
    report(4, 'the server accepts connections');
    return status.instance;
  }

  async inspect(clusterId: string): Promise<InstanceStatus> {
    checkClusterId(clusterId);
    const [status, note] = await Promise.all([this.options.instances.inspect(clusterId), this.folders.note(clusterId)]);
    return withNote(status, note);
  }

  async destroy(clusterId: string, work: InfrastructureWork): Promise<void> {
    checkClusterId(clusterId);
    const report = stepReporter(work);
    report(0, 'preparing Terraform');
    const folder = await this.folders.prepare(
      clusterId,
      this.moduleFor({ clusterId, tenantId: 'unknown', labels: {} }),
    );
    const onProgress = (text: string): void => {
      report(2, text);
    };
    const workspace = this.workspaceOf({ clusterId, folder, signal: work.signal, onProgress });
    await workspace.endOrphan();
    await workspace.init();
    report(1, 'reading the state');
    if ((await workspace.workspaces()).includes(clusterId)) {
      if ((await workspace.recorded()) === 'tainted') await workspace.untaint();
      report(2, 'destroying');
      await workspace.destroy();
      await workspace.deleteWorkspace();
    }
    // A server whose apply was killed before its state was written is unknown to Terraform.
    report(3, 'reading back that nothing is left');
    await this.options.instances.destroy(clusterId, { ...work, onProgress: () => undefined });
    const left = await this.options.instances.inspect(clusterId);
    if (left.state !== 'absent') {
      throw new BerthError('infrastructure-failed', `The instance ${clusterId} was destroyed and is still there.`);
    }
    await this.folders.remove(clusterId);
    report(4, 'the instance is gone');
  }

  async list(): Promise<readonly string[]> {
    const found = await Promise.all([this.workspaces(), this.folders.list(), this.options.instances.list()]);
    return [...new Set(found.flat())].sort();
  }

  async ensureRunning(clusterIds: readonly string[]): Promise<void> {
    await this.options.instances.ensureRunning(clusterIds);
  }

  /** Terraform would see nothing to do, and the admin's step would make an empty server in the place of the lost one. */
  private async refuseLostData(clusterId: string, workspace: TerraformWorkspace): Promise<void> {
    if ((await workspace.recorded()) !== 'whole') return;
    const status = await this.options.instances.inspect(clusterId);
    if (status.state === 'running' || status.state === 'stopped') return;
    const because = status.state === 'absent' ? 'its data folder is gone' : status.because;
    throw new BerthError(
      'infrastructure-failed',
      `Terraform's state says that the instance ${clusterId} was made, and ${because}.`,
      {
        retry: 'operator',
        hint: 'Restore the folder if its data is needed; else destroy the instance, and create it again.',
      },
    );
  }

  private async workspaces(): Promise<readonly string[]> {
    const module = this.moduleFor({ clusterId: 'none', tenantId: 'none', labels: {} });
    return this.folders.withScratch(module, async (folder) => {
      const workspace = this.workspaceOf({ ...quietWork(), clusterId: 'default', folder });
      await workspace.init();
      return workspace.workspaces();
    });
  }

  private moduleFor(spec: InstanceSpec, adminUsername?: string): RootModule {
    const { clusterId, tenantId, labels } = spec;
    return {
      source: this.moduleFolder,
      stateSchema: this.options.stateServer.schema ?? defaultStateSchema,
      variables: {
        cluster_id: clusterId,
        tenant_id: tenantId,
        folder: path.join(path.resolve(this.options.instanceRoot), clusterId),
        labels,
        // New each time: each create sets the verifier that it was given.
        admin_revision: randomUUID(),
        ...(adminUsername === undefined ? {} : { admin_username: adminUsername }),
      },
    };
  }

  /** Binds the run to the programs of the wanted major version. */
  private async versionEnvironment({ postgresMajor }: InstanceSpec): Promise<Readonly<Record<string, string>>> {
    const all = await listPostgresPrograms(this.options.programs);
    const found = postgresMajor === undefined ? undefined : all.find(({ major }) => major === postgresMajor);
    if (found !== undefined) return { BERTH_PG_BIN: found.bin };
    if (postgresMajor === undefined) return {};
    const present = all.map(({ version }) => version).join(', ');
    throw new BerthError(
      'postgres-programs-missing',
      `PostgreSQL ${String(postgresMajor)} is not on this machine; there is ${present === '' ? 'none' : present}.`,
      { hint: `Install PostgreSQL ${String(postgresMajor)}, or choose a version that is there.` },
    );
  }

  private workspaceOf(run: WorkspaceRun): TerraformWorkspace {
    const { options } = this;
    const { explicit, path: searchPath } = options.programs;
    const settings: TerraformSettings = {
      terraform: options.terraform,
      stateServer: options.stateServer,
      heartbeatMs: options.heartbeatMs ?? defaultHeartbeatMs,
      graceMs: options.graceMs ?? defaultGraceMs,
      env: {
        BERTH_NODE: process.execPath,
        BERTH_LOCAL_INSTANCE:
          options.localInstanceProgram ?? beside('../../local-postgres/dist/local-instance.main.js'),
        ...(explicit === undefined ? {} : { BERTH_PG_BIN: explicit }),
        ...(searchPath === undefined ? {} : { PATH: searchPath }),
      },
    };
    return new TerraformWorkspace(settings, run);
  }
}

function stepReporter(work: InfrastructureWork): (done: number, text: string) => void {
  return (done, text) => {
    if (work.signal.aborted && done < 2) throw new BerthError('cancelled', 'The work was cancelled.');
    work.onProgress({ text, done, total: steps, unit: 'steps' });
  };
}
