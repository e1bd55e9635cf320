import { describe, expect, it } from 'vitest';
import type { SttEvent } from '../port.ts';
import type { Hypothesis } from './decoder.ts';
import { SUPPRESSOR_DELAY_SAMPLES } from './noise-suppressor.ts';
import { Recognition } from './recognition.ts';

const FRAME_TICKS = 960;
/** What the noise suppressor holds back: less than two frames. */
const DELAY_TICKS = SUPPRESSOR_DELAY_SAMPLES * 3;
const FRAMES_TO_HEAR = 2;
const loud = Int16Array.from({ length: 320 }, (_, index) => (index % 2 === 0 ? 5000 : -5000));
const quiet = new Int16Array(320);

/** Says what the test wants it to say, and remembers what it was fed. */
class FakeDecoder {
  hypothesis: Hypothesis = { words: [], garbageSamples: 0 };
  /** Frames of each utterance. */
  readonly utterances: number[] = [];
  readonly heard: number[] = [];
  running = false;

  start(): void {
    if (this.running) throw new Error('already in an utterance');
    this.running = true;
    this.utterances.push(0);
  }

  process(samples: Int16Array): Hypothesis {
    this.heard.push(...samples);
    this.utterances.push((this.utterances.pop() ?? 0) + 1);
    return this.hypothesis;
  }

  finish(): Hypothesis {
    this.running = false;
    return this.hypothesis;
  }
}

function subject(): {
  decoder: FakeDecoder;
  events: SttEvent[];
  recognition: Recognition;
  write: (samples: Int16Array, frames: number) => void;
} {
  const decoder = new FakeDecoder();
  const events: SttEvent[] = [];
  const recognition = new Recognition(decoder, (event) => events.push(event));
  let timestamp = 0;
  const write = (samples: Int16Array, frames: number): void => {
    for (let count = 0; count < frames; count += 1) {
      recognition.write({ samples, timestamp });
      timestamp += FRAME_TICKS;
    }
  };
  return { decoder, events, recognition, write };
}

const hello = { text: 'hello', startSample: 3200, endSample: 9600, fit: 0.9 };

describe('Recognition', () => {
  it('leaves the decoder in peace during silence, however long', () => {
    const { decoder, write, events } = subject();
    write(quiet, 50 * 3600);
    expect(decoder.utterances).toEqual([]);
    expect(events).toEqual([]);
  });

  it('feeds what came shortly before the first sound', () => {
    const { decoder, write } = subject();
    write(quiet, 100);
    write(loud, FRAMES_TO_HEAR);
    expect(decoder.utterances).toEqual([16]);
  });

  it('tells again how far it has come, within an utterance', () => {
    const { decoder, write, events, recognition } = subject();
    recognition.tellProgress();
    expect(events).toEqual([]);
    write(loud, 20);
    recognition.tellProgress();
    expect(events).toEqual([{ type: 'interim', text: '', words: [], endTimestamp: 20 * FRAME_TICKS }]);
    decoder.hypothesis = { words: [hello], garbageSamples: 0 };
    write(loud, 20);
    recognition.tellProgress();
    expect(events.at(-1)).toMatchObject({ text: 'hello', endTimestamp: 40 * FRAME_TICKS });
    recognition.finalize();
    recognition.tellProgress();
    expect(events.at(-1)?.type).toBe('final');
  });

  it('tells a changed hypothesis once, with words in RTP time', () => {
    const { decoder, write, events } = subject();
    decoder.hypothesis = { words: [hello], garbageSamples: 0 };
    write(loud, 40);
    expect(events).toEqual([
      {
        type: 'interim',
        text: 'hello',
        words: [{ text: 'hello', startTimestamp: 9600 - DELAY_TICKS, endTimestamp: 28_800 - DELAY_TICKS }],
        endTimestamp: FRAMES_TO_HEAR * FRAME_TICKS,
      },
    ]);
  });

  it('holds a word back that has only begun', () => {
    const { decoder, write, events } = subject();
    decoder.hypothesis = {
      words: [hello, { text: 'a', startSample: 9600, endSample: 9760, fit: 0.9 }],
      garbageSamples: 0,
    };
    write(loud, FRAMES_TO_HEAR);
    expect(events).toMatchObject([{ type: 'interim', text: 'hello' }]);
  });

  it('decodes every sample until a finalize, and none of them again for the next utterance', () => {
    const { decoder, recognition, write } = subject();
    const silenceBefore = SUPPRESSOR_DELAY_SAMPLES;
    const soundAt = (place: number): number => Math.abs(decoder.heard.at(place) ?? 0);
    write(loud, 10);
    recognition.finalize();
    expect(decoder.heard).toHaveLength(silenceBefore + 10 * loud.length);
    expect(soundAt(-1)).toBeGreaterThan(500);

    write(loud, 1);
    recognition.finalize();
    expect(decoder.utterances).toHaveLength(1);
    write(loud, 9);
    recognition.finalize();
    expect(decoder.utterances).toHaveLength(2);
    expect(decoder.heard).toHaveLength(silenceBefore + 20 * loud.length);
    expect(soundAt(silenceBefore + 10 * loud.length)).toBeGreaterThan(500);
  });

  it('lets a final wait for no more decoding once it has been silent', () => {
    const { decoder, recognition, write } = subject();
    write(loud, 10);
    write(quiet, 10);
    const before = decoder.heard.length;
    recognition.finalize();
    expect(decoder.heard).toHaveLength(before);
  });

  it('places words in RTP time after a finalize in mid-sound, too', () => {
    const { decoder, recognition, write, events } = subject();
    write(loud, 10);
    recognition.finalize();
    decoder.hypothesis = { words: [{ ...hello, startSample: 0, endSample: 3200 }], garbageSamples: 0 };
    write(loud, 10);
    recognition.finalize();
    expect(events.at(-1)).toMatchObject({
      type: 'final',
      words: [{ startTimestamp: 10 * FRAME_TICKS, endTimestamp: 20 * FRAME_TICKS }],
      endTimestamp: 20 * FRAME_TICKS,
    });
  });

  it('shows nothing of speech outside the grammar, and rejects it when asked', () => {
    const { decoder, recognition, write, events } = subject();
    decoder.hypothesis = { words: [], garbageSamples: 16_000 };
    write(loud, 50);
    expect(events).toEqual([]);
    recognition.finalize();
    expect(events).toMatchObject([{ type: 'final', text: '', words: [], rejected: true, answersFinalize: true }]);
  });

  it('rejects words that hardly fit the sound', () => {
    const { decoder, recognition, write, events } = subject();
    write(loud, 50);
    decoder.hypothesis = { words: [{ ...hello, fit: 0.5 }], garbageSamples: 0 };
    recognition.finalize();
    expect(events).toMatchObject([{ type: 'final', text: '', words: [], rejected: true }]);
  });

  it('takes a cough for nothing', () => {
    const { decoder, recognition, write, events } = subject();
    decoder.hypothesis = { words: [], garbageSamples: 1600 };
    write(loud, 5);
    recognition.finalize();
    expect(events).toMatchObject([{ type: 'final', text: '', rejected: false }]);
  });

  it('ends an utterance by itself after four seconds of silence', () => {
    const { decoder, recognition, write, events } = subject();
    decoder.hypothesis = { words: [hello], garbageSamples: 0 };
    write(loud, 40);
    write(quiet, 200);
    expect(decoder.running).toBe(true);
    write(quiet, FRAMES_TO_HEAR);
    expect(decoder.running).toBe(false);
    expect(events.at(-1)).toMatchObject({ type: 'final', text: 'hello', answersFinalize: false });
    recognition.finalize();
    expect(events.at(-1)).toMatchObject({ type: 'final', text: '', answersFinalize: true });
  });

  it('bounds an utterance of somebody who never stops', () => {
    const { decoder, write } = subject();
    for (let count = 0; count < 100; count += 1) {
      write(loud, 18);
      write(quiet, 2);
    }
    expect(decoder.utterances.length).toBeGreaterThan(1);
    for (const frames of decoder.utterances) expect(frames).toBeLessThanOrEqual(1500);
  });

  it('learns that a steady noise is the background', () => {
    const { decoder, write } = subject();
    write(loud, 50 * 60);
    expect(decoder.running).toBe(false);
    expect(decoder.utterances).toHaveLength(1);
  });

  it('frees the decoder when the caller leaves in mid-speech', () => {
    const { decoder, recognition, write, events } = subject();
    write(loud, 10);
    recognition.abandon();
    expect(decoder.running).toBe(false);
    expect(events).toEqual([]);
  });
});
