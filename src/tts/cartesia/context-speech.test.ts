import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpokenAudio } from '../../audio/spoken.ts';
import { ContextSpeech } from './context-speech.ts';
import type { TimedWord } from './text-timeline.ts';

const RATE_HZ = 16_000;

function sound(ms: number): Int16Array {
  return new Int16Array((ms * RATE_HZ) / 1000).fill(8000);
}

function silence(ms: number): Int16Array {
  return new Int16Array((ms * RATE_HZ) / 1000);
}

function contextOf(text: string, offset = 0): ContextSpeech {
  const context = new ContextSpeech({ sampleRateHz: RATE_HZ, speed: 1, offset });
  context.give(text, { flush: true });
  return context;
}

function readAll(context: ContextSpeech): SpokenAudio[] {
  const pieces: SpokenAudio[] = [];
  for (let read = context.read(); read.length > 0; read = context.read()) pieces.push(...read);
  return pieces;
}

function word(text: string, startMs: number, endMs: number): TimedWord {
  return { word: text, startMs, endMs };
}

const durationMs = (pieces: readonly SpokenAudio[]): number =>
  (pieces.reduce((sum, { samples }) => sum + samples.length, 0) * 1000) / RATE_HZ;

describe('ContextSpeech', () => {
  it('gives audio before any word was timed', () => {
    const context = contextOf('Hello there.');
    context.receive(sound(400));
    expect(readAll(context)).toMatchObject([{ characterStart: 0, characterEnd: 5 }]);
  });

  it('cuts audio where words begin and end', () => {
    const context = contextOf('Hello there.', 100);
    context.receive(sound(800));
    context.time([word('Hello', 0, 300), word('there.', 350, 800)]);
    context.finish('us');
    const pieces = readAll(context).map(({ samples, characterStart, characterEnd }) => [
      samples.length / 16,
      characterStart,
      characterEnd,
    ]);
    expect(pieces).toEqual([
      [300, 100, 106],
      [50, 106, 106],
      [450, 106, 112],
    ]);
  });

  it('corrects what it estimated by times that come later', () => {
    const context = contextOf('A slow, slow word, and then some more of them.');
    context.receive(sound(1000));
    const [estimated] = readAll(context);
    expect(estimated?.characterEnd).toBe(14);
    context.time([word('A', 0, 1000), word('slow,', 1000, 2000)]);
    context.receive(sound(1000));
    // What was said to be spoken stays so; no further words until the truth has caught up.
    expect(readAll(context).every(({ characterEnd }) => characterEnd === 14)).toBe(true);
  });

  it('counts word times from the beginning of the context, trimmed silence included', () => {
    const context = contextOf('Hello there.');
    context.receive(silence(200));
    context.receive(sound(600));
    context.time([word('Hello', 200, 500), word('there.', 500, 800)]);
    context.finish('us');
    const [lead, first] = readAll(context);
    expect(lead).toMatchObject({ characterStart: 0, characterEnd: 0 });
    expect(lead?.samples.length).toBe(5 * 16);
    expect(first?.samples.length).toBe(300 * 16);
    expect(first?.characterEnd).toBe(6);
  });

  it('understands word times that begin anew after a flush', () => {
    const context = contextOf('Hello there. ');
    context.receive(sound(600), 1);
    context.time([word('Hello', 0, 300), word('there.', 300, 600)], 1);
    context.give('How are you?', { flush: false });
    context.receive(sound(600), 2);
    context.time([word('How', 0, 200), word('are', 200, 400)], 2);
    context.time([word('you?', 400, 600)], 2);
    context.finish('us');
    const ends = readAll(context).map(({ characterEnd }) => characterEnd);
    expect(ends).toEqual([6, 13, 17, 21, 25]);
  });

  it('keeps 10 ms back until it knows that nothing follows, so that the last piece ends with the text', () => {
    const context = contextOf('Hello.');
    context.receive(sound(200));
    expect(durationMs(readAll(context))).toBe(190);
    context.finish('us');
    expect(readAll(context)).toMatchObject([{ characterEnd: 6 }]);
    expect(context.pendingSamples).toBe(0);
  });

  describe('once it is over', () => {
    it('gives back what was sent last and had no audio since', () => {
      const context = contextOf('Hello there. ');
      context.receive(sound(800));
      context.give('How are', { flush: false });
      context.give(' you?', { flush: false });
      expect(context.finish('us')).toBe('How are you?');
      expect(readAll(context).at(-1)?.characterEnd).toBe(13);
    });

    it('gives back what follows the timed words when the service closed by itself', () => {
      const text = 'One two three four five six.';
      const timedWords = [word('One', 0, 200), word('two', 200, 400)];
      const closedBy = (side: 'service' | 'us'): string => {
        const context = contextOf(text);
        context.receive(sound(400));
        context.time(timedWords);
        return context.finish(side);
      };
      expect(closedBy('service')).toBe('three four five six.');
      expect(closedBy('us')).toBe('');
    });

    it('gives back whole words, though more was said to be spoken already', () => {
      const context = contextOf('Slow start of it all now.');
      context.receive(sound(1000));
      context.time([word('Slow', 0, 1000)]);
      expect(context.finish('service')).toBe('start of it all now.');
      const next = contextOf('start of it all now.', 5);
      next.receive(sound(2000));
      next.finish('us');
      expect(next.read(9)[0]).toMatchObject({ characterStart: 9 });
      expect(readAll(next).every(({ characterStart }) => characterStart >= 9)).toBe(true);
    });

    it('keeps white space and punctuation', () => {
      const context = contextOf('Hello.');
      context.receive(sound(300));
      context.give(' \n', { flush: false });
      expect(context.finish('service')).toBe('');
      expect(readAll(context).at(-1)?.characterEnd).toBe(8);
    });
  });

  it('gives every sample once, in order, and characters without a gap up to the end, whatever comes when', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('audio' as const), ms: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ type: fc.constant('text' as const), text: fc.string({ maxLength: 20 }) }),
      fc.record({
        type: fc.constant('word' as const),
        word: fc.constantFrom('hello', 'there', 'x', ''),
        startMs: fc.nat(2000),
      }),
      fc.record({ type: fc.constant('read' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const context = contextOf('Hello there, hello there. ');
        const pieces: SpokenAudio[] = [];
        let receivedSamples = 0;
        context.receive(sound(50));
        for (const each of steps) {
          if (each.type === 'audio') {
            context.receive(sound(each.ms));
            receivedSamples += sound(each.ms).length;
          } else if (each.type === 'text') context.give(each.text, { flush: false });
          else if (each.type === 'word') context.time([word(each.word, each.startMs, each.startMs + 100)]);
          else pieces.push(...context.read());
        }
        context.finishWhole();
        pieces.push(...readAll(context));
        expect(pieces.reduce((sum, { samples }) => sum + samples.length, 0)).toBe(receivedSamples + 50 * 16);
        expect(pieces.every(({ samples }) => samples.length > 0)).toBe(true);
        const starts = pieces.map(({ characterStart }) => characterStart);
        expect(starts).toEqual([0, ...pieces.slice(0, -1).map(({ characterEnd }) => characterEnd)]);
        const given = steps.reduce((sum, each) => sum + (each.type === 'text' ? each.text.length : 0), 26);
        expect(pieces.at(-1)?.characterEnd).toBe(given);
      }),
    );
  });
});
