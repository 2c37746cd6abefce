// Jest reporter: names what failed, a line each. Whoever runs several suites (scripts/test.mjs) names a file for the lines in
// BERTH_TEST_FAILED and tells them at its own end, where they are still there when a long log was cut in the middle.
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export default class FailedReporter {
  #root;

  constructor(globalConfig) {
    this.#root = globalConfig.rootDir;
  }

  onRunComplete(_contexts, { testResults }) {
    const lines = testResults.flatMap((file) => this.#failedIn(file));
    if (lines.length === 0) return;
    const told = process.env.BERTH_TEST_FAILED;
    if (told === undefined) console.log(`\nFailed (${lines.length}):\n${lines.map((line) => `  ${line}`).join('\n')}`);
    else appendFileSync(told, lines.map((line) => `${line}\n`).join(''));
  }

  #failedIn({ testFilePath, testResults, testExecError }) {
    const file = path.relative(this.#root, testFilePath);
    const failed = testResults.filter(({ status }) => status === 'failed');
    if (failed.length === 0)
      return testExecError === undefined || testExecError === null ? [] : [`${file}: did not run`];
    return failed.map(({ fullName, failureMessages }) => `${file}: ${fullName}: ${firstLine(failureMessages[0])}`);
  }
}

function firstLine(message = '') {
  return stripVTControlCharacters(message).trim().split('\n')[0].slice(0, 200);
}
