import { describe, expect, it } from 'vitest';

import { movedLine } from './perturbation.ts';

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
