// Whether node_modules holds what package-lock.json says. No dependency: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The lock file that the last `npm ci` of ours installed, by its hash. */
const stamp = path.join(root, 'node_modules/.installed-from');
const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(path.join(root, lockFile), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function installedAt(place) {
  try {
    return JSON.parse(readFileSync(path.join(root, place, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** The first difference between the lock file and what npm wrote down when it installed, or undefined. */
export function staleBecause() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  if (wanted === undefined) return 'there is no package-lock.json';
  if (present === undefined) return 'nothing is installed yet';
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()) return undefined;
  for (const [place, { version, link, optional, resolved }] of Object.entries(wanted)) {
    if (!place.includes('node_modules/')) continue; // our own packages: linked, not installed
    // npm's own record knows the root's node_modules alone; what a workspace keeps for itself is looked at.
    const here = place.startsWith('node_modules/') ? present[place] : installedAt(place);
    if (here === undefined && optional === true) continue; // of another platform
    if (here === undefined) return `${place} is missing`;
    if (link === true ? here.resolved !== resolved : here.version !== version) return `${place} is not ${version}`;
  }
  return undefined;
}

/** Installs by `npm ci` where needed; true when node_modules is current afterwards. */
export function ensureInstalled() {
  const reason = staleBecause();
  if (reason === undefined) return true;
  console.log(`installing packages (${reason})`);
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  if (spawnSync('npm', args, { cwd: root, stdio: 'inherit' }).status !== 0) return false;
  writeFileSync(stamp, lockHash());
  return true;
}
