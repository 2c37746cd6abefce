// Jest reporter: names, at the end, every test that did not run and why. A suite says why by `whenAvailable` of
// @berth/testing; with BERTH_TEST_NO_SKIP=1 any test that did not run fails the run, whoever skipped it. Files for which there was
// no time (scripts/stop-in-time.mjs) are named and fail nothing, unless all of them are late: then nothing was tested.
import path from 'node:path';

const needsTime = /^needs time: /;
const needs = /^needs (?<part>[^:]+): (?<reason>.*)$/s;

export default class SkippedReporter {
  #root;
  #failed = false;

  constructor(globalConfig) {
    this.#root = globalConfig.rootDir;
    // `-t` and `--onlyChanged` leave tests out on purpose.
    this.filtered = Boolean(globalConfig.testNamePattern);
  }

  onRunComplete(_contexts, results) {
    if (this.filtered) return;
    const late = results.testResults.filter(({ testResults }) =>
      testResults.some(({ title }) => needsTime.test(title)),
    );
    this.#tellLate(late, results.testResults.length);
    const begun = results.testResults.filter((file) => !late.includes(file));
    const skipped = begun.flatMap((file) =>
      file.testResults
        .filter((test) => test.status === 'pending' || test.status === 'todo' || test.status === 'disabled')
        .map((test) => describeSkip(path.relative(this.#root, file.testFilePath), test)),
    );
    if (skipped.length === 0) return;
    const byReason = Map.groupBy ? Map.groupBy(skipped, (skip) => skip.why) : groupByReason(skipped);
    console.log(`\nNot run (${skipped.length}):`);
    for (const [why, skips] of byReason) {
      console.log(`  ${why}`);
      for (const { file, name } of skips) console.log(`    ${file}: ${name}`);
    }
    if (process.env.BERTH_TEST_NO_SKIP === '1') {
      console.log('BERTH_TEST_NO_SKIP=1: a test that did not run is a failure.');
      this.#failed = true;
    }
  }

  #tellLate(late, files) {
    if (late.length === 0) return;
    console.log(
      `\nNO TIME for ${late.length} of ${files} files (BERTH_TEST_UNTIL); at the next turn others come last:`,
    );
    for (const { testFilePath } of late) console.log(`  ${path.relative(this.#root, testFilePath)}`);
    if (late.length === files) this.#failed = true;
  }

  getLastError() {
    return this.#failed ? new Error('tests were skipped') : undefined;
  }
}

function describeSkip(file, test) {
  const match = needs.exec(test.title);
  if (match === null) return { file, name: test.fullName, why: 'no reason given' };
  return { file, name: test.ancestorTitles.join(' '), why: `${match.groups.part}: ${match.groups.reason}` };
}

function groupByReason(skips) {
  const groups = new Map();
  for (const skip of skips) groups.set(skip.why, [...(groups.get(skip.why) ?? []), skip]);
  return groups;
}
