// npm run bench -- [name …] [--json] [--rounds 7 …]: runs test/bench/<name>.bench.ts one after another (two at once would
// measure each other), on the built code. Everything from the first flag on is for the benchmarks themselves.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(root, 'test/bench');
const suffix = '.bench.ts';
const known = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith(suffix))
      .map((file) => file.slice(0, -suffix.length))
  : [];
const words = process.argv.slice(2);
const firstFlag = words.findIndex((word) => word.startsWith('--'));
const asked = firstFlag < 0 ? words : words.slice(0, firstFlag);
const flags = firstFlag < 0 ? [] : words.slice(firstFlag);
const unknown = asked.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${known.join(', ') || 'none'}`);
  process.exit(2);
}
const { faults } = await build();
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);

for (const name of asked.length > 0 ? asked : known) {
  console.log(`\n== ${name}`);
  const args = ['--import', './scripts/ts.mjs', path.join(folder, `${name}${suffix}`), ...flags];
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (status !== 0) process.exitCode = 1;
}
