import { describe, expect, it } from 'vitest';

import { AcousticTurns } from './acoustic-turns.ts';

describe('the answer of an account', () => {
  it('is what is heard next to the news of it, in either order', () => {
    const turns = new AcousticTurns();
    expect(turns.told(1, 1000)).toBeUndefined();
    expect(turns.heard({ atMs: 1080 })).toBe(1);
    const late = { atMs: 5000 };
    expect(turns.heard(late)).toBeUndefined();
    expect(turns.told(2, 5200)).toBe(late);
  });

  it('is the onset that fits best, not a later sentence of it nor an earlier reply', () => {
    const turns = new AcousticTurns();
    turns.heard({ atMs: 600 });
    turns.told(1, 1000);
    expect(turns.heard({ atMs: 1100 })).toBe(1);
    expect(turns.heard({ atMs: 1900 })).toBeUndefined();
  });

  it('is none where nothing was heard within a second and a half', () => {
    const turns = new AcousticTurns();
    turns.told(1, 1000);
    expect(turns.heard({ atMs: 2600 })).toBeUndefined();
    expect(turns.told(2, 9000)).toBeUndefined();
  });

  it('stays with the first news of a reply', () => {
    const turns = new AcousticTurns();
    turns.told(1, 1000);
    turns.heard({ atMs: 1080 });
    expect(turns.told(1, 2500)).toBeUndefined();
  });
});
