import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BerthError, quoteForMessage } from '@berth/domain';
import type { InstanceModule } from './instance-module.js';

/** What is noted of an instance beside Terraform's state. `making` until an apply ended well. */
export interface InstanceNote {
  readonly state: 'making' | 'made';
  readonly tenantId: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface RootModule {
  readonly module: InstanceModule;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Absent: no backend, for a plan of what is not there yet. */
  readonly stateSchema: string | null;
}

const clusterIdPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const noteName = 'instance.json';

export function checkClusterId(clusterId: string): void {
  if (clusterIdPattern.test(clusterId)) return;
  throw new BerthError('invalid-name', `${quoteForMessage(clusterId)} cannot be the name of an instance.`, {
    hint: 'Use 1 to 63 characters: a-z, 0-9, and hyphens inside.',
  });
}

const scratchBeginning = '.scratch-';
/** No plan and no reading takes as long. */
const scratchLifeMs = 24 * 3_600_000;

/** Terraform's working folders, one an instance, with what Terraform keeps there. None of it is needed to go on. */
export class WorkingFolders {
  constructor(private readonly root: string) {}

  folderOf(clusterId: string): string {
    checkClusterId(clusterId);
    return path.join(this.root, clusterId);
  }

  /** Makes the folder with its root module, and answers where it is. */
  async prepare(clusterId: string, module: RootModule): Promise<string> {
    const folder = this.folderOf(clusterId);
    await this.writeModule(folder, module);
    return folder;
  }

  /** Gives the work a folder that is gone afterwards: for reading, and for plans. */
  async withScratch<T>(module: RootModule, work: (folder: string) => Promise<T>): Promise<T> {
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    await this.removeAbandoned();
    const folder = await mkdtemp(path.join(this.root, scratchBeginning));
    try {
      await this.writeModule(folder, module);
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Of a process that was killed: its providers and plans would stay for ever. */
  private async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.root)) {
      const folder = path.join(this.root, name);
      const found = name.startsWith(scratchBeginning) ? await stat(folder).catch(() => null) : null;
      if (found !== null && Date.now() - found.mtimeMs > scratchLifeMs)
        await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }
  }

  async note(clusterId: string): Promise<InstanceNote | null> {
    const file = path.join(this.folderOf(clusterId), noteName);
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      return JSON.parse(text) as InstanceNote;
    } catch {
      return null; // A convenience for readers: the state is what counts.
    }
  }

  async writeNote(clusterId: string, note: InstanceNote): Promise<void> {
    await writeWhole(path.join(this.folderOf(clusterId), noteName), JSON.stringify(note));
  }

  async remove(clusterId: string): Promise<void> {
    await rm(this.folderOf(clusterId), { recursive: true, force: true });
  }

  async list(): Promise<readonly string[]> {
    const names = await readdir(this.root).catch(() => []);
    return names.filter((name) => clusterIdPattern.test(name)).sort();
  }

  private async writeModule(folder: string, { module, variables, stateSchema }: RootModule): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // A relative source is read in place; an absolute one would be copied once, and the copy never renewed.
    const relative = path.relative(await realpath(folder), await realpath(module.folder));
    const root = {
      terraform: stateSchema === null ? {} : { backend: { pg: { schema_name: stateSchema } } },
      module: { instance: { source: relative.startsWith('.') ? relative : `./${relative}`, ...variables } },
      output: Object.fromEntries(module.outputs.map((name) => [name, { value: `\${module.instance.${name}}` }])),
      ...(Object.keys(module.providers).length === 0 ? {} : { provider: module.providers }),
      ...(module.ephemeral.length === 0 ? {} : { variable: ephemeralVariables(module.ephemeral) }),
    };
    await writeWhole(path.join(folder, 'main.tf.json'), `${JSON.stringify(root, null, 2)}\n`);
    // Empty, and named in TF_CLI_CONFIG_FILE: what an operator keeps in ~/.terraformrc is not meant for Berth.
    await writeWhole(path.join(folder, 'cli.tfrc'), `disable_checkpoint = true\n${module.cliConfig}`);
  }
}

export async function writeWhole(file: string, text: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  await writeFile(aside, text, { mode: 0o600 });
  await rename(aside, file);
}

/** Null unless TF_VAR_… says more: a destroy needs none. Ephemeral ones are in no state and no plan. */
function ephemeralVariables(names: readonly string[]): object {
  const declared = { type: 'string', ephemeral: true, sensitive: true, default: null };
  return Object.fromEntries(names.map((name) => [name, declared]));
}
