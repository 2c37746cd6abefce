import path from 'node:path';
import { BerthError, type Finding } from '@berth/domain';
import {
  Infrastructure,
  type InfrastructureWork,
  type InstanceAdmin,
  type Instance,
  type InstanceReport,
  type InstanceSpec,
  type InstanceStatus,
} from '@berth/ports';
import type { TerraformProgram } from './find-terraform.js';
import type { InstanceModule } from './instance-module.js';
import { notRunning, refuseOtherVersion, withNote } from './read-back.js';
import { sentencesOf } from './terraform-events.js';
import { defaultStateSchema, type StateServer } from './state-server.js';
import { quietWork, TerraformWorkspace, type TerraformSettings, type WorkspaceRun } from './terraform-workspace.js';
import { checkClusterId, WorkingFolders, type RootModule } from './working-folder.js';

/** Reads and handles the instances themselves; Terraform only makes them. */
export type InstanceReader = Pick<
  Infrastructure,
  'inspect' | 'destroy' | 'list' | 'ensureRunning' | 'report' | 'quotas'
> & {
  /** Lifts what keeps the instance from being deleted; absent where nothing does. */
  readonly unprotect?: (clusterId: string) => Promise<void>;
};

export interface TerraformInfrastructureOptions {
  readonly terraform: TerraformProgram;
  readonly stateServer: StateServer;
  /** Holds Terraform's working folders, one an instance. */
  readonly workRoot: string;
  readonly module: InstanceModule;
  /** Reads what the module makes. */
  readonly instances: InstanceReader;
  /** Longest silence of a run. Default: 2,000. */
  readonly heartbeatMs?: number;
  /** How long an interrupted Terraform may take before it is killed. Default: 20,000. */
  readonly graceMs?: number;
}

const defaultHeartbeatMs = 2_000;
const defaultGraceMs = 20_000;
const steps = 4;
const nobody: InstanceSpec = { clusterId: 'dedicated-none-g1', tenantId: 'none', labels: {} };

/** Dedicated instances by Terraform or OpenTofu and one of its modules, with its state in PostgreSQL, one workspace an instance. */
export class TerraformInfrastructure extends Infrastructure {
  private readonly folders: WorkingFolders;

  constructor(private readonly options: TerraformInfrastructureOptions) {
    super();
    this.folders = new WorkingFolders(path.resolve(options.workRoot));
  }

  async plan(spec: InstanceSpec): Promise<readonly string[]> {
    const { clusterId } = spec;
    checkClusterId(clusterId);
    const env = await this.options.module.environmentFor(spec);
    // A plan inside a workspace that is not there would make it; then it is planned without any state instead.
    const isThere = (await this.workspaces()).includes(clusterId);
    const status = await this.inspect(clusterId);
    if (status.state === 'broken')
      return [`Refuse to do anything: the instance was made before, and ${status.because}.`];
    const root = { ...this.rootFor(spec), ...(isThere ? {} : { stateSchema: null }) };
    return this.folders.withScratch(root, async (folder) => {
      const workspace = this.workspaceOf({ ...quietWork(), clusterId, folder, env });
      await workspace.init({ backend: isThere });
      const { changes } = await workspace.plan({ backend: isThere });
      return changes.length === 0
        ? ['Change nothing: the instance is as it should be.']
        : sentencesOf(changes, this.options.module.meanings);
    });
  }

  async create(spec: InstanceSpec, admin: InstanceAdmin, work: InfrastructureWork): Promise<Instance> {
    const { clusterId, tenantId, labels } = spec;
    checkClusterId(clusterId);
    const report = stepReporter(work);
    const env = await this.options.module.environmentFor(spec);
    report(0, 'preparing Terraform');
    const folder = await this.folders.prepare(clusterId, this.rootFor(spec, admin.username));
    const secretEnv = this.options.module.secretEnvironment(admin);
    const onProgress = (text: string): void => {
      report(2, text);
    };
    const workspace = this.workspaceOf({ clusterId, folder, signal: work.signal, onProgress, env, secretEnv });
    await workspace.endOrphan();
    const before = await this.folders.note(clusterId);
    if (before === null) await this.folders.writeNote(clusterId, { state: 'making', tenantId, labels });
    await workspace.init();
    report(1, 'reading the state');
    const recorded = await workspace.recorded();
    if (recorded === 'whole') await this.refuseLostData(clusterId);
    if (recorded === 'tainted' && this.options.module.finishesTainted) await workspace.untaint();
    report(2, 'applying');
    await workspace.apply();
    await this.folders.writeNote(clusterId, { state: 'made', tenantId, labels });
    report(3, 'reading the instance back');
    const status = await this.inspect(clusterId);
    if (status.state !== 'running') throw notRunning(clusterId, status);
    refuseOtherVersion(spec, status.instance);
    report(4, 'the server accepts connections');
    return { ...status.instance, ...(this.options.module.adminMakesStreams && { adminMakesStreams: true }) };
  }

  async inspect(clusterId: string): Promise<InstanceStatus> {
    checkClusterId(clusterId);
    const [status, note] = await Promise.all([this.options.instances.inspect(clusterId), this.folders.note(clusterId)]);
    return withNote(status, note, this.options.module.lost);
  }

  async destroy(clusterId: string, work: InfrastructureWork): Promise<void> {
    checkClusterId(clusterId);
    const report = stepReporter(work);
    report(0, 'preparing Terraform');
    const folder = await this.folders.prepare(clusterId, this.rootFor({ clusterId, tenantId: 'unknown', labels: {} }));
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
      await this.options.instances.unprotect?.(clusterId);
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

  async report(clusterId: string): Promise<InstanceReport | null> {
    checkClusterId(clusterId);
    return this.options.instances.report(clusterId);
  }

  async quotas(): Promise<readonly Finding[]> {
    return this.options.instances.quotas();
  }

  /** Terraform would see nothing to do, and the admin's step would make an empty server in the place of the lost one. */
  private async refuseLostData(clusterId: string): Promise<void> {
    const status = await this.options.instances.inspect(clusterId);
    if (status.state === 'running' || status.state === 'stopped') return;
    const because = status.state === 'absent' ? this.options.module.lost : status.because;
    throw new BerthError(
      'infrastructure-failed',
      `Terraform's state says that the instance ${clusterId} was made, and ${because}.`,
      {
        retry: 'operator',
        hint: 'Restore it if its data is needed; else destroy the instance, and create it again.',
      },
    );
  }

  private async workspaces(): Promise<readonly string[]> {
    return this.folders.withScratch(this.rootFor(nobody), async (folder) => {
      const workspace = this.workspaceOf({ ...quietWork(), clusterId: 'default', folder });
      await workspace.init();
      return workspace.workspaces();
    });
  }

  private rootFor(spec: InstanceSpec, adminUsername?: string): RootModule {
    const { module, stateServer } = this.options;
    return {
      module,
      stateSchema: stateServer.schema ?? defaultStateSchema,
      variables: module.variables(spec, adminUsername),
    };
  }

  private workspaceOf(run: WorkspaceRun): TerraformWorkspace {
    const { options } = this;
    const settings: TerraformSettings = {
      terraform: options.terraform,
      stateServer: options.stateServer,
      module: options.module,
      heartbeatMs: options.heartbeatMs ?? defaultHeartbeatMs,
      graceMs: options.graceMs ?? defaultGraceMs,
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
