import { findOnPath } from './find-on-path.js';
import type { TestPart } from './when-available.js';

const program = process.env['BERTH_TEST_PROMTOOL'] ?? 'promtool';

/** Prometheus' own checker of configurations and rules. */
export const promtoolPart: TestPart & { readonly program: string } = {
  name: 'promtool',
  program,
  missing:
    findOnPath(program) === undefined
      ? 'no promtool on PATH; name it in BERTH_TEST_PROMTOOL (Debian: it is in the package prometheus)'
      : undefined,
};
