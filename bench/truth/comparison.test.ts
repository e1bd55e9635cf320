import { describe, expect, it } from 'vitest';

import { compare, misses } from './comparison.ts';

const turn = (trueMs: number | undefined, glassToGlassMs?: number, errorMs = 10) => ({
  text: 'a question',
  trueMs,
  account: glassToGlassMs === undefined ? undefined : { glassToGlassMs, errorMs },
});

describe('compare', () => {
  it('takes the turns with both figures, and counts those whose truth lies within the bound', () => {
    const seen = compare([turn(800, 803), turn(800, 788), turn(800), turn(undefined, 700)]);
    expect([seen.turns, seen.compared, seen.coveredRatio]).toEqual([4, 2, 0.5]);
    expect([seen.errorP50Ms, seen.errorP95Ms, seen.biasMs]).toEqual([3, 12, -12]);
  });

  it('says what of the wanted does not hold', () => {
    const seen = compare([turn(800, 803), turn(800, 788), turn(800)]);
    expect(misses(seen, { caller: 'page', wanted: { p50Ms: 8, p95Ms: 11 } })).toEqual([
      '1 turns without both figures',
      'covered 50 %, wanted 95 %',
      'error P95 wanted 11 ms',
    ]);
  });
});
