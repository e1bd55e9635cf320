import { describe, expect, it } from 'vitest';

import { WINDOW_MS } from '../../test/e2e/pcm.ts';
import { CodedVoice } from './coded-voice.ts';
import { holes, listen, loudnessDbfs, loweredAtMs, silencedAtMs } from './ear.ts';
import type { EarWindow } from './ear.ts';

const RATE_HZ = 16_000;
const text = 'We open at nine every morning.';
const voice = new CodedVoice(text);
/** 60 ms for each character, space included. */
const [weMs, openMs, atMs] = [180, 300, 180];

interface Stretch {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly gainDb?: number;
}

/** What the ear hears of stretches of the voice; `undefined` is 400 ms of silence. */
function heard(...stretches: readonly (Stretch | undefined)[]): EarWindow[] {
  const whole = voice.synthesise(text, RATE_HZ);
  const pieces = stretches.map((stretch) => {
    if (stretch === undefined) return new Int16Array((400 * RATE_HZ) / 1000);
    const { fromMs, untilMs, gainDb = 0 } = stretch;
    const samples = whole.slice((fromMs * RATE_HZ) / 1000, (untilMs * RATE_HZ) / 1000);
    return samples.map((sample) => Math.round(sample * 10 ** (gainDb / 20)));
  });
  const length = (RATE_HZ * WINDOW_MS) / 1000;
  const windows = pieces.flatMap((piece) =>
    Array.from({ length: piece.length / length }, (_, index) => piece.subarray(index * length, (index + 1) * length)),
  );
  return listen(
    windows.map((samples, index) => ({ samples, heardAtMs: (index + 1) * WINDOW_MS })),
    voice,
    RATE_HZ,
  );
}

describe('the coded voice', () => {
  it('has a tone for each word, known in any 10 ms', () => {
    const tones = heard({ fromMs: 0, untilMs: 1800 }).map(({ tone }) => tone);
    expect(new Set(tones)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(tones.slice(0, weMs / WINDOW_MS).every((tone) => tone === 0)).toBe(true);
    expect(tones[(weMs + openMs) / WINDOW_MS]).toBe(2);
  });

  it('is the same lowered by 20 dB, and nothing in silence', () => {
    expect(heard({ fromMs: 200, untilMs: 400, gainDb: -20 }).every(({ tone }) => tone === 1)).toBe(true);
    expect(heard(undefined).some(({ tone }) => tone !== undefined)).toBe(false);
  });
});

describe('a reply that is spoken into', () => {
  const windows = heard({ fromMs: 0, untilMs: 600 }, { fromMs: 600, untilMs: 800, gainDb: -14 }, undefined);

  it('is lowered from its last loud window on, silent from its last audible one on', () => {
    const full = loudnessDbfs(windows.slice(0, 40));
    expect(full).toBeGreaterThan(-16);
    expect(loweredAtMs(windows, 400, full)).toBe(600);
    expect(silencedAtMs(windows, 400)).toBe(800);
    expect(silencedAtMs(windows, 900)).toBe(900);
  });
});

describe('holes', () => {
  const untilAtMs = weMs + openMs + 100;
  const broken = { fromMs: 0, untilMs: untilAtMs };
  const onset = weMs + openMs;
  const resumed = (fromMs: number): boolean | undefined =>
    holes(heard(broken, undefined, { fromMs, untilMs: 1800 }), 20, voice)[0]?.resumedAtWord;

  it('are found where it is silent between two sounds', () => {
    const found = holes(heard(broken, undefined, { fromMs: onset, untilMs: 1800 }), 20, voice);
    expect(found).toEqual([{ atMs: untilAtMs, ms: 400, resumedAtWord: true }]);
    expect(holes(heard(broken, undefined), 20, voice)).toEqual([]);
    expect(holes(heard(broken, undefined, broken), 500, voice)).toEqual([]);
  });

  it('go on in mid-word where the broken word does not come again as a whole', () => {
    expect(resumed(untilAtMs)).toBe(false);
    expect(resumed(onset + 100)).toBe(false);
    expect(resumed(onset - 60)).toBe(true);
    expect(resumed(onset + atMs)).toBe(true);
    expect(resumed(onset + atMs + 120)).toBe(false);
  });
});
