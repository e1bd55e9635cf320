// What one run of vitest came to, from its JSON report.

/**
 * @typedef {object} TestCounts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/** @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} Totals */
/** @typedef {{ status: string, assertionResults: Array<{ status: string }> }} FileResult */

/**
 * Counts tests. A file that could not be loaded counts as one failed test, and so does a run that fails without one
 * (an unhandled rejection, a crash, no report at all): nothing that fails may be counted as 0.
 * @param {(Totals & { testResults: FileResult[] }) | undefined} report undefined where vitest wrote none
 * @param {boolean} succeeded its exit code was 0
 * @returns {TestCounts}
 */
export function countTests(report, succeeded) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !succeeded ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * `12 passed, 1 failed`, and `, 3 skipped` where some were.
 * @param {TestCounts} counts
 */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
