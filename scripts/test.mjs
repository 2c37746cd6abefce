// `npm test`: one command on a fresh clone. Only Node's own modules here: nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './installed.mjs';
import { leftIn } from './left-behind.mjs';
import { makeTemporaryFolder } from './temporary-folder.mjs';

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
const temporary = makeTemporaryFolder();
// Ctrl-C ends the part that runs; what it left is looked at all the same.
let interrupted = false;
process.on('SIGINT', () => (interrupted = true));

async function part(name, script, ...args) {
  if (interrupted) return false;
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, [path.join(root, 'scripts', script), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: temporary },
  });
  await setImmediate(); // A signal that came meanwhile is heard now.
  if (status !== 0) failed.push(interrupted ? `${name} (interrupted)` : name);
  return status === 0;
}

// Suites spawn built processes, so nothing after a failed build can be believed.
if (await part('build', 'build.mjs')) {
  await part('check', 'check.mjs');
  await part('servers', 'suite.mjs', 'servers', ...process.argv.slice(2));
  if (process.env.BERTH_TEST_PG_BINS)
    await part('the newest PostgreSQL', 'suite.mjs', 'newest', ...process.argv.slice(2));
}
const left = await leftIn(temporary);
if (left.length > 0) {
  console.error(`\nThe tests left behind, in ${temporary}:\n${left.map((one) => `  ${one}`).join('\n')}`);
  failed.push('leaves nothing behind');
} else rmSync(temporary, { recursive: true, force: true });

const seconds = Math.round((performance.now() - started) / 1000);
console.log(failed.length === 0 ? `\nall passed in ${seconds} s` : `\nFAILED in ${seconds} s: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
