import { describe, expect, it } from 'vitest';

import { endOfSpeechAtMs, firstAudibleAtMs, loudWindows } from './edges.ts';

const windows = (levels: readonly number[]) => levels.map((dbfs, index) => ({ dbfs, atMs: 1000 + 10 * index }));

describe('the edges of a turn', () => {
  it('ends with the last loud window of its slot', () => {
    const spoken = windows([-90, -20, -20, -44, -46, -90, -90, -20]);
    expect(endOfSpeechAtMs(spoken, loudWindows(spoken), { fromMs: 0, toMs: 70 })).toBe(1030);
    expect(endOfSpeechAtMs(spoken, loudWindows(spoken), { fromMs: 50, toMs: 70 })).toBeUndefined();
  });

  it('is audible from the first of two windows above -40 dBFS on', () => {
    const heard = windows([-90, -30, -90, -90, -39, -30, -90]);
    expect(firstAudibleAtMs(heard, 1000)).toBe(1040);
    expect(firstAudibleAtMs(heard, 1040)).toBeUndefined();
  });
});
