// Runs one kind of test by its file names: node scripts/suite.mjs <kind> [jest arguments].
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeTemporaryFolder } from './temporary-folder.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const ignored = ['/node_modules/', '/dist/'];
const needServers = '\\.(int|e2e|crash)\\.spec\\.ts$';
/** By testMatch, so that a path given after the kind narrows it. */
const match = (glob) => ['--testMatch', `**/${glob}.spec.ts`];

/** The newest PostgreSQL of those that the tests were given: what depends on the version runs on it as on the usual one. */
const newest = process.env.BERTH_TEST_PG_BINS?.split(path.delimiter).at(-1);
const dependsOnVersion = [
  // Without repair and isolation, which run on every version by themselves, and what is about size alone.
  'libs/adapters/postgres/src/tenancy/(?!repair\\.|isolation|big-tenant)',
  'libs/adapters/postgres/src/(fence|copy/contracts)',
  'test/e2e/(moves-by-dump|a-tenant-ends|adopts-a-schema)',
];

/** `npm test` lets versions take turns: what depends on them runs on the usual one now, on the newest the next time. */
const isTurnOfNewest = newest !== undefined && Number(process.env.BERTH_TEST_TURN ?? 0) % 2 === 1;

const suites = {
  unit: { ignore: [needServers, '<rootDir>/test/(?!model/)'], args: ['--maxWorkers', '2'] },
  architecture: { ignore: [], args: match('test/architecture/**/*') },
  int: { ignore: [], args: match('*.int') },
  e2e: { ignore: [], args: match('*.e2e') },
  crash: { ignore: [], args: match('*.crash') },
  'crash-full': { ignore: [], args: match('*.crash'), env: { BERTH_CRASH: 'full' } },
  'faults-full': { ignore: [], args: match('test/faults/*'), env: { BERTH_FAULTS: 'full' } },
  fuzz: { ignore: [], args: match('answers-as-documented.e2e'), env: { BERTH_FUZZ_EXAMPLES: '400' } },
  newest: {
    ignore: [],
    args: ['--maxWorkers', '2', ...match('*.{int,e2e}'), '--testPathPatterns', ...dependsOnVersion],
    env: { BERTH_PG_BIN: newest },
  },
  // Two at once: each worker keeps a PostgreSQL server of its own, and most of the time waits for it.
  servers: {
    ignore: isTurnOfNewest ? dependsOnVersion : [],
    args: ['--maxWorkers', '2', ...match('*.{int,e2e,crash}')],
  },
};

const [kind, ...rest] = process.argv.slice(2);
const suite = kind === 'newest' && newest === undefined ? undefined : suites[kind];
if (suite === undefined) {
  console.error(`usage: node scripts/suite.mjs ${Object.keys(suites).join('|')} [jest arguments]`);
  if (kind === 'newest') console.error('newest needs bin folders in BERTH_TEST_PG_BINS, the newest last');
  process.exit(2);
}
// `npm test` gives one to all of its suites, and looks at what is left in it.
const temporary = process.env.TMPDIR === undefined ? makeTemporaryFolder() : undefined;
const child = spawn(
  process.execPath,
  [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    path.join(root, 'node_modules/jest/bin/jest.js'),
    ...['--testPathIgnorePatterns', ...ignored, ...suite.ignore],
    ...suite.args,
    '--passWithNoTests', // ends the list before it: what follows narrows by path
    ...rest,
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, ...suite.env, TMPDIR: temporary ?? process.env.TMPDIR } },
);
// Ctrl-C reaches the whole process group: wait for Jest, which stops its servers first.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
child.on('exit', (code, signal) => {
  if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  process.exit(code ?? (signal === null ? 1 : 130));
});
