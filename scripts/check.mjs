// format, lint, types, architecture and unit tests: one line for each part, its output only where it fails.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
// The longest first, so that the last one to end is a short one.
const parts = ['unit', 'lint', 'architecture', 'types', 'format:check'];

function run(part) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', part], {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
    });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.on('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      resolve({ part, passed: code === 0, seconds, output: Buffer.concat(output).toString('utf8') });
    });
  });
}

/** Jest's own counts, so that "passed" says how much passed. */
const counts = (output) => /^Tests:\s+(.*)$/m.exec(output)?.[1];

function report({ part, passed, seconds, output }) {
  const detail = counts(output);
  console.log(
    `${passed ? 'ok    ' : 'FAILED'} ${part.padEnd(13)} ${seconds.padStart(5)} s${detail ? `  ${detail}` : ''}`,
  );
  if (!passed) console.log(output.trimEnd().replace(/^/gm, '    '));
}

const started = performance.now();
const waiting = [...parts];
const failed = [];
async function work() {
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    const result = await run(part);
    report(result);
    if (!result.passed) failed.push(part);
  }
}
await Promise.all(Array.from({ length: Math.max(2, Math.min(4, availableParallelism())) }, work));
const total = ((performance.now() - started) / 1000).toFixed(1);
console.log(failed.length === 0 ? `check passed in ${total} s` : `check failed in ${total} s: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
