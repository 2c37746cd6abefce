// Brings a fresh clone to where the CLI can run, and runs it in this very process. Only Node's own modules here: nothing may
// be installed yet. When all is current this costs a few milliseconds.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import module from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isBuildStale } from './build-state.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const inRoot = (...parts) => path.join(root, ...parts);
const logFile = inRoot('berth-install.log');
const lockFile = inRoot('.berth-install.lock');

export async function launch() {
  if ((await isInstallStale()) || isBuildStale(root)) await underLock(prepare);
  module.enableCompileCache?.();
  await import(pathToFileURL(inRoot('apps/cli/dist/main.js')).href);
}

/** npm writes its own lock file when it ends, so an older one means that something changed or that it never ended. */
async function isInstallStale() {
  const installed = modifiedMs(inRoot('node_modules/.package-lock.json'));
  if (installed >= modifiedMs(inRoot('package-lock.json')) && installed > 0) return false;
  const { staleBecause } = await import(pathToFileURL(inRoot('scripts/installed.mjs')).href);
  return staleBecause() !== undefined;
}

function modifiedMs(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

async function prepare() {
  if (await isInstallStale()) {
    const first = !existsSync(inRoot('node_modules'));
    await run(first ? 'installing packages (once, about a minute)' : 'installing packages that changed', 'npm', [
      ...['ci', '--no-audit', '--no-fund', '--loglevel=warn'],
    ]);
  }
  if (isBuildStale(root)) await run('building', process.execPath, [inRoot('scripts/build.mjs')]);
}

/** Says in one line what runs; what it prints goes to a file, and is shown only when it fails. */
async function run(sentence, program, args) {
  const started = performance.now();
  process.stderr.write(`berth: ${sentence} …`);
  const log = openSync(logFile, 'a');
  const code = await new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ['ignore', log, log],
      env: { ...process.env, NO_COLOR: '1' },
    });
    child.once('error', (error) => {
      writeSync(log, `${error.message}\n`);
      resolve(error.code === 'ENOENT' ? 'missing' : 1);
    });
    child.once('exit', (status) => resolve(status ?? 1));
  });
  closeSync(log);
  process.stderr.write(` ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  if (code === 0) return rmSync(logFile, { force: true });
  if (code === 'missing') throw new Error(`${program} is missing; it comes with Node.js: see https://nodejs.org`);
  const lines = readFileSync(logFile, 'utf8').trim().split('\n').slice(-15).join('\n');
  throw new Error(`${sentence} failed. The end of ${logFile}:\n${lines}`);
}

/** Two commands typed at once on a fresh clone: the second waits for the first one's work. */
async function underLock(work) {
  const started = performance.now();
  let told = false;
  for (;;) {
    try {
      const lock = openSync(lockFile, 'wx');
      writeSync(lock, String(process.pid));
      closeSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const age = Date.now() - modifiedMs(lockFile);
      if (!isAlive(Number(readOr(lockFile, '0'))) && age > 1_000) rmSync(lockFile, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, 100));
      if (told || performance.now() - started < 5_000) continue;
      told = true;
      // A crash may have left the file, and its process number may live again as something else: then nobody ever removes it.
      const holder = readOr(lockFile, 'unknown');
      process.stderr.write(
        `berth: another berth (process ${holder}) installs or builds here; waiting for it. If it does not run any more: rm ${lockFile}\n`,
      );
    }
  }
  const release = () => rmSync(lockFile, { force: true });
  process.once('exit', release);
  const interrupted = () => process.exit(130);
  process.once('SIGINT', interrupted);
  try {
    await work();
  } finally {
    process.off('exit', release);
    process.off('SIGINT', interrupted);
    release();
  }
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
