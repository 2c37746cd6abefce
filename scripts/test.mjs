// `npm test [-- --full] [jest arguments]`: one command on a fresh clone. Only Node's own modules here: nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
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
const given = process.argv.slice(2);
const isFull = given[0] === '--full';
const jestArguments = given.slice(isFull ? 1 : 0);
// One commit, one turn: the same commit tries the same, and a few of them have tried everything.
const commits = Number(spawnSync('git', ['rev-list', '--count', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout) || 0;
const turn = isFull ? '' : (process.env.BERTH_TEST_TURN ?? String(commits));
const temporary = makeTemporaryFolder();
const failedTests = path.join(temporary, 'failed-tests');
// Ctrl-C ends the part that runs; what it left is looked at all the same.
let interrupted = false;
process.on('SIGINT', () => (interrupted = true));

async function part(name, script, ...args) {
  if (interrupted) return false;
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, [path.join(root, 'scripts', script), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: temporary, BERTH_TEST_TURN: turn, BERTH_TEST_FAILED: failedTests },
  });
  await setImmediate(); // A signal that came meanwhile is heard now.
  if (status !== 0) failed.push(interrupted ? `${name} (interrupted)` : name);
  return status === 0;
}

// Suites spawn built processes, so nothing after a failed build can be believed.
if (await part('build', 'build.mjs')) {
  await part('check', 'check.mjs');
  if (!isFull)
    console.log(`\nversions of PostgreSQL take turns, and this is turn ${turn}; all on all: npm test -- --full`);
  await part('servers', 'suite.mjs', 'servers', ...jestArguments);
  const isLate = Date.now() / 1_000 >= Number(process.env.BERTH_TEST_UNTIL ?? Infinity);
  if (isLate) console.log('\nNO TIME for the newest PostgreSQL (BERTH_TEST_UNTIL)');
  else if (process.env.BERTH_TEST_PG_BINS && (isFull || Number(turn) % 2 === 1))
    await part('the newest PostgreSQL', 'suite.mjs', 'newest', ...jestArguments);
}
const named = existsSync(failedTests) ? readFileSync(failedTests, 'utf8').trimEnd() : '';
rmSync(failedTests, { force: true });
const left = await leftIn(temporary);
if (left.length > 0) {
  console.error(`\nThe tests left behind, in ${temporary}:\n${left.map((one) => `  ${one}`).join('\n')}`);
  failed.push('leaves nothing behind');
} else rmSync(temporary, { recursive: true, force: true });

const seconds = Math.round((performance.now() - started) / 1000);
console.log(failed.length === 0 ? `\nall passed in ${seconds} s` : `\nFAILED in ${seconds} s: ${failed.join(', ')}`);
if (named !== '') console.log(named.replace(/^/gm, '  '));
process.exitCode = failed.length === 0 ? 0 : 1;
