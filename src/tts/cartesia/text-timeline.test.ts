import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextTimeline, type TimedWord } from './text-timeline.ts';

/** Words of 300 ms each, 100 ms apart, from `startMs` on. */
function timed(words: string, startMs = 0): TimedWord[] {
  return words
    .split(' ')
    .map((word, index) => ({ word, startMs: startMs + 400 * index, endMs: startMs + 400 * index + 300 }));
}

function timelineOf(text: string, words: readonly TimedWord[] = []): TextTimeline {
  const timeline = new TextTimeline();
  timeline.append(text);
  timeline.addWords(words);
  return timeline;
}

describe('TextTimeline', () => {
  it('goes by a usual pace while nothing is known', () => {
    const timeline = timelineOf('x'.repeat(100));
    expect([0, 1000, 2000, 60_000].map((ms) => timeline.charactersAt(ms))).toEqual([0, 15, 30, 100]);
  });

  it('follows the words as soon as their times are known', () => {
    const text = 'We are open today.';
    const timeline = timelineOf(text, timed('We are open today'));
    const spokenBy = (ms: number): string => text.slice(0, timeline.charactersAt(ms));
    expect([300, 399, 700, 1100, 1500].map(spokenBy)).toEqual([
      'We ',
      'We ',
      'We are ',
      'We are open ',
      'We are open today.',
    ]);
    expect(spokenBy(550)).toBe('We ar');
  });

  it('goes on at the pace of what it knows', () => {
    const timeline = timelineOf('slowly '.repeat(10), timed('slowly slowly slowly', 0));
    const before = timeline.charactersAt(1100);
    expect(timeline.charactersAt(2200)).toBeCloseTo(2 * before, -1);
  });

  it('shares the time of normalised words out between their neighbours', () => {
    const text = 'It costs $5 today.';
    const timeline = timelineOf(text, timed('It costs five dollars today'));
    expect(text.slice(0, timeline.charactersAt(800))).toBe('It costs ');
    expect(text.slice(0, timeline.charactersAt(1600))).toBe('It costs $5 ');
  });

  it('is within a word of the truth in a long reply, however the words come', () => {
    const text = Array.from({ length: 300 }, (_, index) => `word${index % 7}`).join(' ');
    const words = timed(text);
    const timeline = new TextTimeline();
    timeline.append(text);
    for (let at = 0; at < words.length; at += 3) {
      timeline.addWords(words.slice(at, at + 3));
      const last = words[Math.min(at + 2, words.length - 1)];
      expect(timeline.charactersAt(last?.endMs ?? 0)).toBe(Math.min(text.length, 6 * (at + 3)));
    }
  });

  it('knows what was marked', () => {
    const timeline = timelineOf('Hello there. How are you?');
    timeline.mark(5000, 13);
    expect(timeline.charactersAt(5000)).toBe(13);
    expect(timeline.charactersAt(2500)).toBe(6);
  });

  it('never falls and never leaves the text, whatever words come', () => {
    const words = fc.array(
      fc.record({
        word: fc.oneof(fc.constantFrom('the', 'cat', 'sat', 'five', '', '—'), fc.string({ maxLength: 4 })),
        startMs: fc.nat(5000),
        lengthMs: fc.nat(500),
      }),
      { maxLength: 100 },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ maxLength: 40 }), words), { maxLength: 5 }), (steps) => {
        const timeline = new TextTimeline();
        for (const [text, timedWords] of steps) {
          timeline.append(`${text} the cat sat on 5 mats `);
          timeline.addWords(
            timedWords.map(({ word, startMs, lengthMs }) => ({ word, startMs, endMs: startMs + lengthMs })),
          );
        }
        let before = 0;
        for (let ms = 0; ms < 8000; ms += 97) {
          const characters = timeline.charactersAt(ms);
          expect(characters).toBeGreaterThanOrEqual(before);
          expect(characters).toBeLessThanOrEqual(timeline.text.length);
          before = characters;
        }
        timeline.mark(8000, timeline.text.length);
        expect(timeline.charactersAt(8000)).toBe(timeline.text.length);
      }),
    );
  });
});
