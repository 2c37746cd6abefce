import { readFileSync } from 'node:fs';

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));

const compile = { ...swc, swcrc: false, sourceMaps: 'inline' };

/** @type {import('jest').Config} */
export default {
  // Not in the temporary folder: `npm test` has a new one for each run.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  testEnvironment: '<rootDir>/scripts/watched-environment.mjs',
  // `source` first: packages of this repository resolve to their TypeScript, so that no test waits for a build.
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  // Inside a package we import `./x.js`, as Node does; in the source tree the file is `./x.ts`.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.js'] },
  transform: {
    '^.+\\.ts$': ['@swc/jest', compile],
    // light-my-request (behind Fastify's `inject`) requires this ES module; Node 20 in Jest cannot, so it is compiled too.
    'node_modules/cookie/.+\\.js$': ['@swc/jest', compile],
  },
  transformIgnorePatterns: ['/node_modules/(?!(?:.+/)?cookie/)'],
  roots: ['apps', 'libs', 'test'].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/(apps|libs)/.*/dist/', '<rootDir>/\\.berth/'],
  watchPathIgnorePatterns: ['/dist/', '/\\.berth/'],
  // For what hangs, and no measure: suites with real servers start them inside a test's or a hook's time, on machines of any speed.
  testTimeout: 300_000,
  setupFilesAfterEnv: ['<rootDir>/scripts/stop-in-time.mjs'],
  testSequencer: '<rootDir>/scripts/order-of-turn.mjs',
  reporters: ['default', '<rootDir>/scripts/skipped-reporter.mjs', '<rootDir>/scripts/failed-reporter.mjs'],
  passWithNoTests: true,
};
