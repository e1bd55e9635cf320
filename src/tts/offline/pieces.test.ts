import { describe, expect, it } from 'vitest';
import { piecesOf } from './pieces.ts';

const RATE_HZ = 16_000;

/** Alternating stretches of silence and sound, in milliseconds, beginning with silence. */
function audio(...stretchesMs: readonly number[]): Int16Array<ArrayBuffer> {
  const parts = stretchesMs.map((ms, index) => new Int16Array((ms * RATE_HZ) / 1000).fill(index % 2 === 0 ? 0 : 8000));
  return Int16Array.from(parts.flatMap((part) => Array.from(part)));
}

function phones(...ends: readonly (readonly [string, number])[]): { name: string; endSample: number }[] {
  return ends.map(([name, ms]) => ({ name, endSample: (ms * RATE_HZ) / 1000 }));
}

const inMs = (samples: number): number => (samples * 1000) / RATE_HZ;

function pauseMs(text: string): number {
  const last = piecesOf(text, { samples: audio(0, 400, 400), phones: [] }).at(-1);
  return inMs((last?.endSample ?? 0) - (last?.startSample ?? 0));
}

describe('piecesOf', () => {
  it('trims the silence before the first sound to 5 ms, and leaves a pause after a sentence', () => {
    const pieces = piecesOf('Hello.', {
      samples: audio(200, 400, 400),
      phones: phones(['pau', 200], ['h', 600], ['pau', 1000]),
    });
    expect(pieces.map(({ startSample, endSample }) => [inMs(startSample), inMs(endSample)])).toEqual([
      [195, 600],
      [600, 850],
    ]);
    expect(pieces.at(-1)).toMatchObject({ characterStart: 6, characterEnd: 6 });
  });

  it('leaves a shorter pause after a clause, and hardly any in mid-phrase', () => {
    expect([pauseMs('Well. '), pauseMs('Well, '), pauseMs('Well ')]).toEqual([250, 120, 20]);
  });

  it('shares time out by the length of the words', () => {
    const pieces = piecesOf('ab abcdef', { samples: audio(0, 800), phones: phones(['a', 800]) });
    expect(
      pieces.map(({ startSample, characterStart, characterEnd }) => [inMs(startSample), characterStart, characterEnd]),
    ).toEqual([
      [0, 0, 3],
      [200, 3, 9],
    ]);
  });

  it('puts the word after a comma after the pause', () => {
    const pieces = piecesOf('abcdef, ab', {
      samples: audio(0, 300, 200, 500),
      phones: phones(['a', 300], ['pau', 500], ['b', 1000]),
    });
    expect(pieces.map(({ startSample }) => inMs(startSample))).toEqual([0, 500]);
  });

  it('covers all characters of the text, white space included', () => {
    const text = ' “Oh”, said 1 — of 20!  ';
    const pieces = piecesOf(text, { samples: audio(50, 900, 50), phones: [] });
    expect(pieces.map(({ characterStart, characterEnd }) => text.slice(characterStart, characterEnd)).join('')).toBe(
      text,
    );
  });

  it('is empty where nothing sounds', () => {
    expect(piecesOf('Hello', { samples: audio(500), phones: [] })).toEqual([]);
  });
});
