import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { InfrastructureWork } from '@berth/ports';
import type { TerraformProgram } from './find-terraform.js';
import type { InstanceModule } from './instance-module.js';
import { endOrphan, forgetRunning, noteRunning } from './orphan.js';
import { backendEnvironment, type StateServer } from './state-server.js';
import { faultOf, isCreationRace } from './terraform-faults.js';
import { runTerraform, type TerraformResult } from './terraform-runner.js';

export interface TerraformSettings {
  readonly terraform: TerraformProgram;
  readonly stateServer: StateServer;
  readonly module: InstanceModule;
  readonly heartbeatMs: number;
  readonly graceMs: number;
}

/** The folder and the workspace that a run is about, and who wants to hear of it. */
export interface WorkspaceRun {
  readonly clusterId: string;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  readonly env?: Readonly<Record<string, string>>;
  /** Secrets for the run's environment. */
  readonly secretEnv?: Readonly<Record<string, string>>;
}

/** As much of the state's JSON as Berth reads (format 4). */
interface StateFile {
  readonly resources?: readonly {
    readonly module?: string;
    readonly type?: string;
    readonly name?: string;
    readonly instances?: readonly { readonly status?: string }[];
  }[];
}

export type RecordedInstance = 'absent' | 'tainted' | 'whole';

const quiet = ['-input=false', '-no-color'];
const races = 100;
const racePauseMs = 100;

export function quietWork(): Pick<InfrastructureWork, 'signal'> & { readonly onProgress: (text: string) => void } {
  return { signal: new AbortController().signal, onProgress: () => undefined };
}

/** Terraform's verbs over one workspace, in our words. */
export class TerraformWorkspace {
  constructor(
    private readonly settings: TerraformSettings,
    private readonly run: WorkspaceRun,
  ) {}

  /** Outside of any workspace: an init inside one that is not there yet is refused. */
  async init(options: { readonly backend: boolean } = { backend: true }): Promise<void> {
    // Without -reconfigure Terraform would ask whether to move the state when the backend was configured anew.
    const args = ['init', ...quiet, ...(options.backend ? ['-reconfigure'] : ['-backend=false'])];
    await this.must('init', args, { workspace: false });
  }

  async workspaces(): Promise<readonly string[]> {
    const { stdout } = await this.must('workspace list', ['workspace', 'list', '-no-color'], { workspace: false });
    const names = stdout.split('\n').map((line) => line.replace(/^[* ]+/, '').trim());
    return names.filter((name) => name !== '' && name !== 'default');
  }

  /** What the state says of the instance's server. */
  async recorded(): Promise<RecordedInstance> {
    const { stdout } = await this.must('state pull', ['state', 'pull']);
    const text = stdout.trim();
    const state = text === '' ? {} : (JSON.parse(text) as StateFile);
    const { type, name } = this.settings.module.server;
    const server = (state.resources ?? []).find(
      (one) => one.module === 'module.instance' && one.type === type && one.name === name,
    );
    const [instance] = server?.instances ?? [];
    if (instance === undefined) return 'absent';
    return instance.status === 'tainted' ? 'tainted' : 'whole';
  }

  async plan(options: { readonly backend: boolean }): Promise<TerraformResult> {
    return this.must('plan', ['plan', ...quiet, '-json', '-lock=false'], { workspace: options.backend });
  }

  async apply(): Promise<TerraformResult> {
    return this.noted('apply', ['apply', ...quiet, '-json', '-auto-approve']);
  }

  /**
   * A tainted server would be replaced by an apply; and by a destroy, where it has a provisioner for that, forgotten without
   * it, and go on running.
   */
  async untaint(): Promise<void> {
    const { type, name } = this.settings.module.server;
    await this.must('untaint', ['untaint', '-no-color', '-allow-missing', `module.instance.${type}.${name}`]);
  }

  async destroy(): Promise<TerraformResult> {
    return this.noted('destroy', ['destroy', ...quiet, '-json', '-auto-approve']);
  }

  /** Refused by Terraform while the state still holds anything. */
  async deleteWorkspace(): Promise<void> {
    const args = ['workspace', 'delete', '-no-color', this.run.clusterId];
    await this.must('workspace delete', args, { workspace: false });
  }

  async endOrphan(): Promise<void> {
    await endOrphan(this.run.folder, this.settings.graceMs, this.run.onProgress);
  }

  private async noted(verb: string, args: readonly string[]): Promise<TerraformResult> {
    const { folder } = this.run;
    const onStart = async (pid: number): Promise<void> => noteRunning(folder, pid, verb);
    try {
      return await this.must(verb, args, { onStart });
    } finally {
      await forgetRunning(folder);
    }
  }

  private async must(
    verb: string,
    args: readonly string[],
    options: { readonly workspace?: boolean; readonly onStart?: (pid: number) => Promise<void> } = {},
  ): Promise<TerraformResult> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.once(args, options);
      if (result.code === 0) return result;
      if (isCreationRace(result) && attempt < races) {
        await pause(racePauseMs);
        continue;
      }
      const { clusterId, secretEnv = {} } = this.run;
      const { stateServer } = this.settings;
      const secrets = [...Object.values(secretEnv), backendEnvironment(stateServer)['PGPASSWORD'] ?? ''];
      throw await faultOf({ clusterId, verb, result, stateServer, secrets });
    }
  }

  private async once(
    args: readonly string[],
    options: { readonly workspace?: boolean; readonly onStart?: (pid: number) => Promise<void> },
  ): Promise<TerraformResult> {
    const { terraform, stateServer, module, heartbeatMs, graceMs } = this.settings;
    const { clusterId, folder, signal, onProgress } = this.run;
    return runTerraform({
      program: terraform.program,
      args,
      folder,
      env: {
        ...module.environment,
        ...backendEnvironment(stateServer),
        ...this.run.env,
        ...this.run.secretEnv,
        HOME: folder,
        TF_DATA_DIR: path.join(folder, '.terraform'),
        TF_CLI_CONFIG_FILE: path.join(folder, 'cli.tfrc'),
        TF_IN_AUTOMATION: '1',
        TF_INPUT: '0',
        CHECKPOINT_DISABLE: '1',
        ...(options.workspace === false ? {} : { TF_WORKSPACE: clusterId }),
      },
      signal,
      onProgress,
      heartbeatMs,
      graceMs,
      ...(options.onStart === undefined ? {} : { onStart: options.onStart }),
    });
  }
}
