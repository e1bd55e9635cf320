// After each test: no account of a simulated turn was wrong in itself.

import { afterEach, expect } from 'vitest';

import { takeAccountFaults } from './account-invariants.ts';

afterEach(() => {
  expect(takeAccountFaults()).toEqual([]);
});
