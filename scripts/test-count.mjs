// What one vitest run came to. A run that fails without a failed test (a file that does not load, an
// error outside a test) counts as one failure, and so does a run in which no test ran.

/**
 * @param {boolean} ok whether vitest ended with exit code 0
 * @param {string} report its JSON report, empty when it wrote none
 * @returns {{ passed: number, failed: number }}
 */
export function countTests(ok, report) {
  const { numPassedTests: passed = 0, numFailedTests: failed = 0 } = report
    ? JSON.parse(report)
    : {}
  const isSound = ok && passed > 0
  return { passed, failed: isSound ? failed : Math.max(failed, 1) }
}
