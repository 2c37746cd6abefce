import { readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { parseSecret, type TenantSecret } from '../secret.js';
import type { PlacementSource } from './placement-source.js';

const longestFile = 65_536;

/**
 * Secrets that something else keeps fresh as files: one folder a tenant, one file a field, as Kubernetes mounts them.
 * `folder/<tenant>/host`, `folder/<tenant>/port` …; `folderOf` where yours are called otherwise.
 */
export function mountedSecrets(
  folder: string,
  options: { readonly folderOf?: (tenantId: string) => string } = {},
): PlacementSource {
  const folderOf = options.folderOf ?? ((tenantId: string) => tenantId);
  return {
    async read(tenantId): Promise<TenantSecret | null> {
      const fields = await readFields(path.join(folder, folderOf(tenantId)));
      return fields === null ? null : parseSecret(fields);
    },
  };
}

async function readFields(folder: string): Promise<Readonly<Record<string, string>> | null> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await readVersion(folder);
    } catch (error) {
      // A kubelet drops the old version as soon as the link leads to the new one: then look again.
      if (!isMissing(error) || tries === 2) throw error;
    }
    if (!(await isThere(folder))) return null;
  }
}

/** Kubernetes exchanges all files at once by one link, `..data`: followed once, so that no two versions are mixed. */
async function readVersion(folder: string): Promise<Readonly<Record<string, string>>> {
  const version = await realpath(path.join(folder, '..data')).catch(() => folder);
  const names = (await readdir(version)).filter((name) => !name.startsWith('.'));
  const fields = await Promise.all(
    names.map(
      async (name) => [name, (await readFile(path.join(version, name), 'utf8')).slice(0, longestFile)] as const,
    ),
  );
  return Object.fromEntries(fields.map(([name, text]) => [name, name === 'sslrootcert' ? text : text.trim()]));
}

async function isThere(folder: string): Promise<boolean> {
  return await readdir(folder).then(
    () => true,
    () => false,
  );
}

function isMissing(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'ENOENT';
}
