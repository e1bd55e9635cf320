// What every implementation of the text-to-speech port must do.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpokenAudio, TextToSpeech } from '../../src/tts/port.ts';
import { runToItsEnd } from './process-exit.ts';

export interface TextToSpeechSubject {
  make(): TextToSpeech;
  /** Expression that makes one in a program of its own (it may await). */
  readonly source: string;
  /** Whether it speaks before all of its text has come. Default true. */
  readonly streaming?: boolean;
  /** One that can't speak. */
  readonly makeBroken?: () => TextToSpeech;
}

const live = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });
const CHUNKS = ['Of course, ', 'we are open every day. ', 'Would you like to come?'];
const TEXT = CHUNKS.join('');

async function* given(chunks: readonly string[]): AsyncGenerator<string, void, undefined> {
  yield* chunks;
}

/** Gives its chunks and then nothing more, without ending. */
async function* givenForEver(chunks: readonly string[]): AsyncGenerator<string, void, undefined> {
  yield* chunks;
  await new Promise(() => undefined);
}

async function collect(audio: AsyncIterable<SpokenAudio>): Promise<SpokenAudio[]> {
  const pieces: SpokenAudio[] = [];
  for await (const piece of audio) pieces.push(piece);
  return pieces;
}

function loudest(pieces: readonly SpokenAudio[]): number {
  return pieces.reduce(
    (loud, { samples }) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), loud),
    0,
  );
}

function durationMs(pieces: readonly SpokenAudio[], rateHz: number): number {
  return (pieces.reduce((sum, { samples }) => sum + samples.length, 0) * 1000) / rateHz;
}

export function describeTextToSpeech(name: string, subject: TextToSpeechSubject): void {
  describe(`${name} as text to speech`, () => {
    let tts: TextToSpeech;
    beforeAll(async () => {
      tts = subject.make();
      await tts.warmUp();
    });
    afterAll(() => tts.close());

    it('speaks: audible, at a natural pace', async () => {
      const pieces = await collect(tts.speak(given(CHUNKS), live()));
      expect(loudest(pieces)).toBeGreaterThan(1000);
      const msPerCharacter = durationMs(pieces, tts.sampleRateHz) / TEXT.length;
      expect(msPerCharacter).toBeGreaterThan(30);
      expect(msPerCharacter).toBeLessThan(150);
    });

    it('says which characters each piece speaks, in order and without a gap', async () => {
      const pieces = await collect(tts.speak(given(CHUNKS), live()));
      const spoken = pieces.filter((piece) => piece.characterEnd > piece.characterStart);
      expect(spoken[0]?.characterStart).toBe(0);
      expect(spoken.at(-1)?.characterEnd).toBe(TEXT.length);
      const starts = spoken.slice(1).map((piece) => piece.characterStart);
      expect(starts).toEqual(spoken.slice(0, -1).map((piece) => piece.characterEnd));
      const ends = pieces.map((piece) => piece.characterEnd);
      expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    });

    const isStreaming = subject.streaming ?? true;
    if (isStreaming) {
      it('starts at the first chunk, before the text has ended', async () => {
        for await (const piece of tts.speak(givenForEver(CHUNKS.slice(0, 1)), live())) {
          expect(piece.samples.length).toBeGreaterThan(0);
          break;
        }
      });

      it('ends quietly when aborted while it waits for text', async () => {
        const controller = new AbortController();
        const pieces: SpokenAudio[] = [];
        for await (const piece of tts.speak(givenForEver(['Hello. ']), { signal: controller.signal })) {
          pieces.push(piece);
          // The last piece of the chunk ends with its text, or is the pause after it.
          if (piece.characterEnd === 7) setImmediate(() => controller.abort());
        }
        expect(pieces.at(-1)?.characterEnd).toBe(7);
      });
    } else {
      it('says nothing before the text has ended, and ends quietly when aborted meanwhile', async () => {
        const controller = new AbortController();
        setImmediate(() => controller.abort());
        expect(await collect(tts.speak(givenForEver(CHUNKS), { signal: controller.signal }))).toEqual([]);
      });
    }

    it('passes over what cannot be spoken', async () => {
      expect(await collect(tts.speak(given([]), live()))).toEqual([]);
      expect(await collect(tts.speak(given([' ', '\n', '—']), live()))).toEqual([]);
      const pieces = await collect(tts.speak(given([' … ', 'Hello.']), live()));
      expect(pieces[0]?.characterStart).toBeGreaterThanOrEqual(0);
      expect(pieces.at(-1)?.characterEnd).toBe(9);
    });

    it('speaks two replies at once without mixing them', async () => {
      const [one, two, alone] = await Promise.all([
        collect(tts.speak(given(['Hello there.']), live())),
        collect(tts.speak(given(CHUNKS), live())),
        collect(tts.speak(given(['Hello there.']), live())),
      ]);
      expect(durationMs(one, tts.sampleRateHz)).toBe(durationMs(alone, tts.sampleRateHz));
      expect(two.at(-1)?.characterEnd).toBe(TEXT.length);
    });

    it('says nothing, and does not throw, when it was aborted before', async () => {
      expect(await collect(tts.speak(given(CHUNKS), { signal: AbortSignal.abort() }))).toEqual([]);
    });

    it('ends quietly when aborted in the middle, and speaks again at once', async () => {
      const controller = new AbortController();
      const pieces: SpokenAudio[] = [];
      for await (const piece of tts.speak(given(CHUNKS), { signal: controller.signal })) {
        pieces.push(piece);
        controller.abort();
      }
      expect(pieces).toHaveLength(1);
      expect(await collect(tts.speak(given(['Hello.']), live()))).not.toHaveLength(0);
    });

    it('hands on an error of the text it is given', async () => {
      const failure = new Error('the model failed');
      async function* failing(): AsyncGenerator<string, void, undefined> {
        yield 'Hello. ';
        throw failure;
      }
      await expect(collect(tts.speak(failing(), live()))).rejects.toBe(failure);
    });

    const { makeBroken } = subject;
    if (makeBroken !== undefined) {
      it('throws a StageError when it cannot speak', async () => {
        const broken = makeBroken();
        await expect(collect(broken.speak(given(CHUNKS), live()))).rejects.toMatchObject({ code: 'TTS' });
        await broken.close();
      });
    }

    it('refuses to speak once closed, and closes twice', async () => {
      const closed = subject.make();
      await closed.close();
      await closed.close();
      await expect(collect(closed.speak(given(CHUNKS), live()))).rejects.toMatchObject({
        name: 'StageError',
        code: 'TTS',
      });
    });

    it('keeps no process alive once closed', async () => {
      const program = `
        const tts = await ${subject.source};
        await tts.warmUp();
        await tts.close();
        console.log('closed');`;
      expect(await runToItsEnd(program)).toContain('closed');
    });
  });
}
