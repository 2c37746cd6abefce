import { execFile } from 'node:child_process';
import { findOnPath } from './find-on-path.js';
import type { TestPart } from './when-available.js';

/** checkov, which reviews Terraform: its program is named in BERTH_TEST_CHECKOV, else looked for on PATH. */
const program = findOnPath(process.env['BERTH_TEST_CHECKOV'] ?? 'checkov');

export const checkovPart: TestPart = {
  name: 'checkov',
  missing: program === undefined ? 'no checkov on PATH or in BERTH_TEST_CHECKOV (pip install checkov)' : undefined,
};

interface Check {
  readonly check_id: string;
  readonly check_name: string;
  readonly resource: string;
  readonly file_path: string;
}

export interface CheckovRun {
  /** How many checks found nothing to say. */
  readonly passed: number;
  readonly failed: readonly Check[];
  /** How many files it could not read. */
  readonly unread: number;
}

interface CheckovReport {
  readonly results: { readonly failed_checks: readonly Check[] };
  readonly summary: { readonly passed: number; readonly parsing_errors: number };
}

/** All of its checks for Terraform over a folder, without the network. */
export async function runCheckov(folder: string): Promise<CheckovRun> {
  if (program === undefined) throw new Error(checkovPart.missing);
  const args = [
    '-d',
    folder,
    '--framework',
    'terraform',
    '--output',
    'json',
    '--skip-download',
    '--quiet',
    '--soft-fail',
  ];
  const text = await new Promise<string>((resolve, reject) => {
    execFile(program, args, { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`checkov failed: ${stderr}`, { cause: error }));
    });
  });
  const { results, summary } = JSON.parse(text) as CheckovReport;
  return { passed: summary.passed, failed: results.failed_checks, unread: summary.parsing_errors };
}
