import { describe, expect, it } from 'vitest';

import { movedLine, shiftMs } from './perturbation.ts';

const moved = (uplink: number, generation: number) => ({
  span: 'uplink' as const,
  heardMs: 98,
  byMs: new Map([
    ['uplink', uplink],
    ['generation', generation],
  ]),
  turns: [9, 10] as const,
});

describe('movedLine', () => {
  it('says where a span moved by something else than what was added, or another moved too', () => {
    expect(movedLine('uplink', moved(93, -4))).toMatch(/\+93 +heard +\+98 +others: generation -4 +\(9 and 10 turns\)$/);
    expect(movedLine('uplink', moved(88, 0))).toMatch(/others: none .*misses$/);
    expect(movedLine('uplink', moved(100, 12))).toMatch(/misses$/);
  });
});

const times = (count: number, ms: number): number[] => Array<number>(count).fill(ms);

describe('shiftMs', () => {
  it('is no step of a packet where there are a few more of one step than of the other', () => {
    const before = [...times(11, 232), ...times(9, 252)];
    const after = [...times(9, 232), ...times(11, 252)];
    expect(shiftMs(before, after)).toBe(0);
    expect(
      shiftMs(
        before,
        after.map((ms) => ms + 100),
      ),
    ).toBe(100);
  });
});
