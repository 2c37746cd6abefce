// Whether every package's dist holds what its src says: an output carries the time of its source, to the millisecond.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

function entries(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function packageFolders(root) {
  const { workspaces } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return workspaces.flatMap((pattern) => {
    const parent = path.join(root, pattern.replace(/\/\*$/, ''));
    return entries(parent)
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(parent, entry.name));
  });
}

function isFolderStale(src, dist) {
  return entries(src).some((entry) => {
    const source = path.join(src, entry.name);
    if (entry.isDirectory()) return isFolderStale(source, path.join(dist, entry.name));
    if (/\.spec\.ts$|\.d\.ts$/.test(entry.name)) return false;
    const built = statSync(path.join(dist, entry.name.replace(/\.ts$/, '.js')), { throwIfNoEntry: false });
    return built === undefined || Math.abs(built.mtimeMs - Math.floor(statSync(source).mtimeMs)) >= 1;
  });
}

export function isBuildStale(root) {
  return packageFolders(root).some((folder) => isFolderStale(path.join(folder, 'src'), path.join(folder, 'dist')));
}
