import { isDeepStrictEqual } from 'node:util';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FRAME_TICKS } from '../rtp/packet.ts';
import { EchoGate } from './echo-gate.ts';
import type { AudioFrame } from './frame.ts';
import type { OwnVoiceVerdict } from './own-voice.ts';

type Content = OwnVoiceVerdict['content'];

interface Passed {
  readonly frame: AudioFrame;
  /** The frame that was taken when it came out. */
  readonly with: number;
}

const LETTERS: Readonly<Record<string, Content>> = { '.': 'nothing', e: 'echo', s: 'suspected', v: 'voice' };

/** Frame `n` has the samples n + 1. */
function frame(n: number): AudioFrame {
  return {
    samples: new Int16Array(320).fill(n + 1),
    timestamp: n * FRAME_TICKS,
    origin: 'received',
    arrivedAtMs: 1000 + n * 20,
  };
}

/** A letter is a frame; the echo is known wherever `isKnown` says. */
function through(letters: string, isKnown: boolean, { coherence = 0, gate = new EchoGate() } = {}): Passed[] {
  return letters.split('').flatMap((letter, n) => {
    const content = LETTERS[letter] ?? 'nothing';
    const verdict = { content, coherence, ...(isKnown && { delayMs: 100 }) };
    return gate.push(frame(n), verdict).map((passed) => ({ frame: passed, with: n }));
  });
}

/** What came of each frame, as a string like the one that went in: its letter, or `_` for silence. */
function told(passed: readonly Passed[], letters: string): string {
  return passed
    .map(({ frame: { samples, timestamp } }) => (samples[0] === 0 ? '_' : letters.charAt(timestamp / FRAME_TICKS)))
    .join('');
}

describe('EchoGate', () => {
  it.each(['....vvvv....', 'vvvvvvvvvvvvvvv', '.............'])('passes each of %s at once, untouched', (letters) => {
    const passed = through(letters, true);
    expect(told(passed, letters)).toBe(letters);
    for (const { frame: each, with: n } of passed) expect(each).toEqual(frame(n));
  });

  it('gives silence of the same length and time for an echo, 240 ms late, and not at all later once it is over', () => {
    const letters = `..${'e'.repeat(30)}.....`;
    const passed = through(letters, true);
    expect(told(passed, letters)).toBe(`..${'_'.repeat(30)}.....`);
    expect(passed.map((each) => each.frame.timestamp / FRAME_TICKS)).toEqual(
      Array.from({ length: letters.length }, (_, n) => n),
    );
    for (const { frame: each } of passed.slice(2, 32))
      expect([each.samples.length, each.origin]).toEqual([320, 'silence']);
    expect(passed.map((each) => each.with - each.frame.timestamp / FRAME_TICKS).slice(2, 16)).toEqual(
      Array(14).fill(12),
    );
    // 60 ms of silence after it tell that it is over.
    expect(passed.at(-3)?.with).toBe(34);
    expect(passed.at(-1)?.with).toBe(36);
  });

  it('releases a voice over an echo at its second frame, with the 60 ms before, and then passes it at once', () => {
    const letters = `${'e'.repeat(20)}vvvvvv`;
    const passed = through(letters, true);
    expect(told(passed, letters)).toBe(`${'_'.repeat(17)}eeevvvvvv`);
    expect(passed.slice(17).map((each) => each.with)).toEqual([21, 21, 21, 21, 21, 22, 23, 24, 25]);
  });

  it('takes a single frame beyond the echo for an accident', () => {
    const letters = `${'e'.repeat(20)}v${'e'.repeat(20)}....`;
    expect(told(through(letters, true), letters)).toBe(`${'_'.repeat(41)}....`);
  });

  it('passes what sounds like echo within a voice, for as long as the voice has lasted, 300 ms at most', () => {
    const short = `vvvv${'e'.repeat(20)}....`;
    expect(told(through(short, true), short)).toBe(`vvvveeee${'_'.repeat(16)}....`);
    const long = `${'v'.repeat(50)}${'e'.repeat(30)}....`;
    expect(told(through(long, true), long)).toBe(`${'v'.repeat(50)}${'e'.repeat(15)}${'_'.repeat(15)}....`);
  });

  it('while no echo is known, gives back whole what was suspected in vain, after 300 ms at most', () => {
    const unlike = '..ssssssvvvvvvvv';
    expect(told(through(unlike, false), unlike)).toBe(unlike);
    const undecided = `..${'s'.repeat(16)}vvvv`;
    const passed = through(undecided, false);
    expect(told(passed, undecided)).toBe(undecided);
    expect(passed.find((each) => each.frame.timestamp === 2 * FRAME_TICKS)?.with).toBe(17);
  });

  it('knows a short sound by its likeness', () => {
    const letters = '..ssssss......';
    expect(told(through(letters, false, { coherence: 0.3 }), letters)).toBe(letters);
    expect(told(through(letters, false, { coherence: 0.8 }), letters)).toBe('..______......');
  });

  it('drops what was suspected once the echo is known, and what passed meanwhile earns no patience', () => {
    const gate = new EchoGate();
    through('ssssssssssssssss', false, { gate });
    const letters = `${'e'.repeat(20)}....`;
    expect(told(through(letters, true, { gate }), letters)).toBe(`${'_'.repeat(20)}....`);
    const suspected = new EchoGate();
    const before = through('sssssssss', false, { gate: suspected });
    expect(before).toEqual([]);
    const after = through('eeeeee....', true, { gate: suspected });
    expect(after.slice(0, 15).every((each) => each.frame.samples[0] === 0)).toBe(true);
  });

  it('counts what became of the frames', () => {
    const gate = new EchoGate();
    through(`${'e'.repeat(20)}vvvv`, true, { gate });
    expect(gate.statistics).toEqual({ echoFrames: 17, releasedFrames: 5 });
  });

  it('gives each frame once, in order and within 300 ms, whatever they hold', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(...Object.keys(LETTERS)), fc.boolean()), { maxLength: 120 });
    fc.assert(
      fc.property(frames, (sequence) => {
        const gate = new EchoGate();
        let next = 0;
        for (const [n, [letter, isKnown]] of sequence.entries()) {
          const verdict = { content: LETTERS[letter] ?? 'nothing', coherence: 0, ...(isKnown && { delayMs: 40 }) };
          for (const passed of gate.push(frame(n), verdict)) {
            expect(passed.timestamp).toBe(next * FRAME_TICKS);
            expect(passed.samples[0] === 0 || isDeepStrictEqual(passed, frame(next))).toBe(true);
            next += 1;
          }
          expect(n + 1 - next).toBeLessThanOrEqual(15);
        }
      }),
    );
  });
});
