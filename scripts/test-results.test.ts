import { describe, expect, it } from 'vitest';

import { countTests, summaryLine } from './test-results.mjs';

const totals = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [] };

describe('test results', () => {
  it('counts what vitest counts', () => {
    expect(countTests(totals, true)).toEqual({ passed: 5, failed: 0, skipped: 2 });
    const failing = { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] };
    expect(countTests({ ...totals, numFailedTests: 1, testResults: [failing] }, false).failed).toBe(1);
  });

  it('counts a file that could not be loaded as one failed test', () => {
    const broken = { status: 'failed', assertionResults: [] };
    expect(countTests({ ...totals, testResults: [broken] }, false).failed).toBe(1);
  });

  it('never reports a failed run as 0 failed', () => {
    expect(countTests(totals, false).failed).toBe(1);
    expect(countTests(undefined, true).failed).toBe(1);
  });

  it('ends in one plain line', () => {
    expect(summaryLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
    expect(summaryLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });
});
