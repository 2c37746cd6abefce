// `npm test`: one command on a fresh clone. Only Node's own modules here: nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './installed.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Berth needs Node 20.19 or newer; this is ${process.version}`);
  process.exit(1);
}
if (!ensureInstalled()) {
  console.error('npm ci failed: see above');
  process.exit(1);
}

const started = performance.now();
const failed = [];
function part(name, script, ...args) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, [path.join(root, 'scripts', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) failed.push(name);
  return status === 0;
}

// Suites spawn built processes, so nothing after a failed build can be believed.
if (part('build', 'build.mjs')) {
  part('check', 'check.mjs');
  part('servers', 'suite.mjs', 'servers', ...process.argv.slice(2));
  if (process.env.BERTH_TEST_PG_BINS) part('the newest PostgreSQL', 'suite.mjs', 'newest', ...process.argv.slice(2));
}
const seconds = Math.round((performance.now() - started) / 1000);
console.log(failed.length === 0 ? `\nall passed in ${seconds} s` : `\nFAILED in ${seconds} s: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
