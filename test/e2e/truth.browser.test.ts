// The agent's account of its turns against what passed through both tracks of a caller in Chromium: the short form of
// `npm run bench:truth`, with generous ceilings in place of milliseconds.

import { expect, it } from 'vitest';

import { conditions } from '../../bench/truth/conditions.ts';
import { run } from '../../bench/truth/run.ts';

/** Machines that run tests are busy: what a bench wants within 20 ms may be off by so much. */
const CEILING_MS = 150;

it('accounts for what was heard: each turn reported by the page, its spans the gap, the truth near it', async () => {
  const turns = await run({ condition: conditions.page, turns: 3 });
  expect(turns).toHaveLength(3);
  for (const { trueMs, account, reported } of turns) {
    expect(reported).toMatchObject({ kind: 'reply', basis: 'reported', unknown: [] });
    if (trueMs === undefined || account === undefined) throw new Error('a turn without both figures');
    const sum = reported?.spans.reduce((total, { ms }) => total + ms, 0) ?? 0;
    expect(Math.abs(sum - account.glassToGlassMs)).toBeLessThan(1);
    expect(Math.abs(account.glassToGlassMs - trueMs)).toBeLessThan(account.errorMs + CEILING_MS);
  }
});
