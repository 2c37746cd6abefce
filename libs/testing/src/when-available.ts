/**
 * Something that a suite needs and that a machine may lack: a server's programs, a vendor's tool.
 * `missing` says, in words for the person who reads the test report, what is not there and how to get it;
 * `undefined` means that the part is here.
 */
export interface TestPart {
  readonly name: string;
  readonly missing: string | undefined;
}

/**
 * `describe` for a suite that needs parts. Where one is missing, the suite's body is not even collected: one pending
 * test stands in its place, named `needs <part>: <why>`, which the reporter lists at the end of the run.
 * With `BERTH_TEST_NO_SKIP=1` (continuous integration) that test fails instead, so that a part which quietly vanished
 * from a machine does not look like a pass.
 */
export function whenAvailable(parts: TestPart | readonly TestPart[], suite: string, body: () => void): void {
  const absent = [parts].flat().find((part) => part.missing !== undefined);
  if (absent === undefined) {
    describe(suite, body);
    return;
  }
  const title = `needs ${absent.name}: ${absent.missing}`;
  describe(suite, () => {
    if (process.env['BERTH_TEST_NO_SKIP'] === '1') {
      it(title, () => {
        throw new Error(`${title} (and BERTH_TEST_NO_SKIP=1 allows no skip)`);
      });
    } else {
      it.skip(title, () => undefined);
    }
  });
}
