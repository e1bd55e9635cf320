import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkCharacters, SpeakingPace } from './chunk-characters.ts';

const RATE_HZ = 24_000;
const MS = RATE_HZ / 1000;

function chunk(count: number, { start = 0, pace = new SpeakingPace(RATE_HZ, 1) } = {}): ChunkCharacters {
  return new ChunkCharacters({ start, count, pace });
}

describe('ChunkCharacters', () => {
  it('guesses 65 ms a character while the end is not known, and keeps the last one back', () => {
    const characters = chunk(10, { start: 100 });
    characters.came(2000 * MS);
    expect(characters.advance(130 * MS)).toEqual({ characterStart: 100, characterEnd: 102 });
    expect(characters.advance(65 * MS)).toEqual({ characterStart: 102, characterEnd: 103 });
    expect(characters.advance(1800 * MS)).toEqual({ characterStart: 103, characterEnd: 109 });
  });

  it('shares what is left out evenly once the end is known', () => {
    const characters = chunk(10);
    characters.came(1000 * MS);
    characters.advance(130 * MS);
    characters.end();
    expect(characters.advance(435 * MS)).toEqual({ characterStart: 2, characterEnd: 6 });
    expect(characters.advance(435 * MS)).toEqual({ characterStart: 6, characterEnd: 10 });
  });

  it('learns how fast the voice is', () => {
    const pace = new SpeakingPace(RATE_HZ, 1);
    const first = chunk(1000, { pace });
    first.came(1000 * 100 * MS);
    first.end();
    expect(pace.samplesPerCharacter / MS).toBeCloseTo(98.65, 1);
  });

  it('takes the speed that was set into account', () => {
    expect(new SpeakingPace(RATE_HZ, 2).samplesPerCharacter).toBe(32.5 * MS);
  });

  it('never goes back, leaves no gap, and is at the end with the last sample, whenever the end becomes known', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 50_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 300 }), fc.nat(20), (pieces, count, endKnownAt) => {
        const characters = chunk(count, { start: 5 });
        for (const length of pieces) characters.came(length);
        let reached = 5;
        for (const [index, length] of pieces.entries()) {
          if (index === Math.min(endKnownAt, pieces.length - 1)) characters.end();
          const { characterStart, characterEnd } = characters.advance(length);
          expect(characterStart).toBe(reached);
          expect(characterEnd).toBeGreaterThanOrEqual(characterStart);
          expect(characterEnd < 5 + count || index >= Math.min(endKnownAt, pieces.length - 1)).toBe(true);
          reached = characterEnd;
        }
        expect(reached).toBe(5 + count);
      }),
    );
  });
});
