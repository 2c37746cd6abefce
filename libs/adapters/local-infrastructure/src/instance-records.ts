import { mkdir, readFile, readdir, rename, rm, lstat, open } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { BerthError, quoteForMessage } from '@berth/domain';

/** What is noted about an instance beside its folder. `making` until the admin login stands: the rest can be read. */
export interface InstanceRecord {
  readonly version: 1;
  readonly state: 'making' | 'made';
  readonly tenantId: string;
  readonly labels: Readonly<Record<string, string>>;
}

const clusterIdPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const ending = '.json';

/** Notes and folders of all instances below one root: `<root>/<clusterId>` and `<root>/<clusterId>.json`. */
export class InstanceRecords {
  constructor(private readonly root: string) {}

  folderOf(clusterId: string): string {
    if (clusterIdPattern.test(clusterId)) return path.join(this.root, clusterId);
    throw new BerthError('invalid-name', `${quoteForMessage(clusterId)} cannot be the name of an instance.`, {
      hint: 'Use 1 to 63 characters: a-z, 0-9, and hyphens inside.',
    });
  }

  async read(clusterId: string): Promise<InstanceRecord | null> {
    const file = this.fileOf(clusterId);
    const text = await readFile(file, 'utf8').catch(absentAsNull);
    if (text === null) return null;
    try {
      const record = JSON.parse(text) as InstanceRecord;
      if (record.version === 1) return record;
    } catch {
      // Falls through: cut off by hand or by a failing disk, since we write by rename.
    }
    throw new BerthError('infrastructure-failed', `The note on the instance ${clusterId} is damaged.`, {
      retry: 'operator',
      hint: `Remove ${file}: the instance stays, its labels are lost.`,
    });
  }

  async write(clusterId: string, record: InstanceRecord): Promise<void> {
    const file = this.fileOf(clusterId);
    const aside = path.join(this.root, `.${clusterId}-${randomUUID()}`);
    await mkdir(this.root, { recursive: true, mode: 0o711 });
    const handle = await open(aside, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(record, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, file);
  }

  async remove(clusterId: string): Promise<void> {
    await rm(this.fileOf(clusterId), { force: true });
  }

  /** True when anything, a link too, bears the instance's name. */
  async hasFolder(clusterId: string): Promise<boolean> {
    return (await lstat(this.folderOf(clusterId)).catch(absentAsNull)) !== null;
  }

  /** Every instance that left a note or a folder, sorted. */
  async list(): Promise<readonly string[]> {
    const names = (await readdir(this.root).catch(absentAsNull)) ?? [];
    const ids = names.map((name) => (name.endsWith(ending) ? name.slice(0, -ending.length) : name));
    return [...new Set(ids.filter((id) => clusterIdPattern.test(id)))].sort();
  }

  private fileOf(clusterId: string): string {
    return `${this.folderOf(clusterId)}${ending}`;
  }
}

function absentAsNull(thrown: unknown): null {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ENOENT') return null;
  throw thrown;
}
