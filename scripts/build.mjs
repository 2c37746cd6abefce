// Builds every workspace package: `src/**/*.ts` (specs aside) becomes `dist/**/*.js` with source maps, every other file
// (.sql, .tf, .json, templates) is copied. Only what changed is written again, and outputs without a source are removed,
// so that a running system may be rebuilt under its feet.
//
// Two builds may run at once (two engineers, or two test suites): each file is written aside and renamed.
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile, copyFile } from 'node:fs/promises';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const swcrcPath = path.join(root, '.swcrc');
const { $schema: _schema, ...swc } = JSON.parse(readFileSync(swcrcPath, 'utf8'));

/** Folders of all workspace packages, read from the patterns in package.json. */
export function workspaceFolders() {
  const { workspaces } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return workspaces.flatMap((pattern) => {
    const parent = path.join(root, pattern.replace(/\/\*$/, ''));
    if (!existsSync(parent)) return [];
    return readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(parent, entry.name))
      .filter((folder) => existsSync(path.join(folder, 'package.json')));
  });
}

async function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
}

const isSpec = (file) => /\.spec\.ts$/.test(file);
const isCode = (file) => /\.ts$/.test(file) && !/\.d\.ts$/.test(file);

async function writeAside(target, contents) {
  const aside = `${target}.${process.pid}.tmp`;
  await writeFile(aside, contents);
  await rename(aside, target);
}

/** An output is current when it carries the very time of its source and is not older than the compiler's settings. */
async function isCurrent(target, sourceTime, settingsTime) {
  const built = await stat(target).catch(() => undefined);
  return built !== undefined && Math.abs(built.mtimeMs - sourceTime) < 1 && built.ctimeMs >= settingsTime;
}

async function compile(source, target) {
  const text = await readFile(source, 'utf8');
  const { code, map } = await transform(text, {
    ...swc,
    swcrc: false,
    filename: source,
    sourceFileName: path.relative(path.dirname(target), source),
    sourceMaps: true,
  });
  const mapName = `${path.basename(target)}.map`;
  if (map !== undefined) await writeAside(`${target}.map`, map);
  await writeAside(target, `${code}//# sourceMappingURL=${mapName}\n`);
}

async function copy(source, target) {
  const aside = `${target}.${process.pid}.tmp`;
  await copyFile(source, aside);
  await rename(aside, target);
}

async function buildPackage(folder, settingsTime) {
  const src = path.join(folder, 'src');
  const dist = path.join(folder, 'dist');
  const expected = new Set();
  let written = 0;
  const faults = [];
  await Promise.all(
    (await filesUnder(src)).map(async (file) => {
      if (isSpec(file) || file.endsWith('.d.ts')) return;
      const output = isCode(file) ? file.replace(/\.ts$/, '.js') : file;
      expected.add(output);
      if (isCode(file)) expected.add(`${output}.map`);
      const source = path.join(src, file);
      const target = path.join(dist, output);
      // Whole milliseconds: some file systems and utimes keep no more.
      const sourceTime = Math.floor((await stat(source)).mtimeMs);
      if (await isCurrent(target, sourceTime, settingsTime)) return;
      await mkdir(path.dirname(target), { recursive: true });
      try {
        await (isCode(file) ? compile(source, target) : copy(source, target));
        await utimes(target, sourceTime / 1000, sourceTime / 1000);
        written += 1;
      } catch (error) {
        faults.push(`${path.relative(root, source)}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }),
  );
  const stale = (await filesUnder(dist)).filter((file) => !expected.has(file) && !file.endsWith('.tmp'));
  await Promise.all(stale.map((file) => rm(path.join(dist, file), { force: true })));
  return { written, removed: stale.length, total: expected.size, faults };
}

export async function build() {
  const started = performance.now();
  const settingsTime = Math.max((await stat(swcrcPath)).mtimeMs, (await stat(fileURLToPath(import.meta.url))).mtimeMs);
  const results = await Promise.all(workspaceFolders().map((folder) => buildPackage(folder, settingsTime)));
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const faults = results.flatMap((result) => result.faults);
  return {
    packages: results.length,
    written: sum('written'),
    removed: sum('removed'),
    faults,
    ms: Math.round(performance.now() - started),
  };
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { packages, written, removed, faults, ms } = await build();
  for (const fault of faults) console.error(fault);
  console.log(`built ${packages} packages in ${ms} ms: ${written} files written, ${removed} stale removed`);
  if (faults.length > 0) process.exitCode = 1;
}
