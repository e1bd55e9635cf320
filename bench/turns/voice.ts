// A voice with set delays that behaves as services do: audio comes in pieces, five times as fast as it plays; a context
// expires a second after its last audio, and only so many may be open.

import type { SpokenAudio } from '../../src/audio/spoken.ts';
import { StageError } from '../../src/lib/errors.ts';
import type { TextToSpeech } from '../../src/tts/port.ts';
import { tone, wait } from '../../test/sim/stages.ts';
import type { StandInOptions } from './recogniser.ts';

const SAMPLE_RATE_HZ = 16_000;
/** About 17 characters a second, as people speak. */
const SAMPLES_PER_CHARACTER = 960;
const PIECE_CHARACTERS = 4;
const FASTER_THAN_PLAYED = 5;
const EXPIRES_AFTER_MS = 1000;
/** The smallest plan of Cartesia has two, the next five. */
const MAX_CONTEXTS = 3;

/** What one request for a voice was given, and how long it was open. */
export interface VoiceContext {
  text: string;
  readonly openedAtMs: number;
  /** Undefined while it is open. */
  closedAtMs: number | undefined;
}

export class VoiceStandIn implements TextToSpeech {
  readonly name = 'stand-in';
  readonly sampleRateHz = SAMPLE_RATE_HZ;
  /** Characters that it was given to speak. */
  characters = 0;
  readonly contexts: VoiceContext[] = [];
  /** Contexts that had expired when more text came; the text got a new one. */
  expiredCount = 0;
  refusedCount = 0;
  readonly #options: StandInOptions;
  #openCount = 0;

  constructor(options: StandInOptions) {
    this.#options = options;
  }

  async *speak(
    chunks: AsyncIterable<string>,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<SpokenAudio, void, undefined> {
    const { clock, profile, random } = this.#options;
    if (this.#openCount >= MAX_CONTEXTS) {
      this.refusedCount += 1;
      throw new StageError('TTS', 'the stand-in has too many contexts open', { retryable: true });
    }
    this.#openCount += 1;
    const context: VoiceContext = { text: '', openedAtMs: clock.nowMs(), closedAtMs: undefined };
    this.contexts.push(context);
    try {
      let spoken = 0;
      let lastAudioAtMs: number | undefined;
      for await (const chunk of chunks) {
        this.characters += chunk.length;
        context.text += chunk;
        const isExpired = lastAudioAtMs !== undefined && clock.nowMs() - lastAudioAtMs > EXPIRES_AFTER_MS;
        if (isExpired) this.expiredCount += 1;
        if (lastAudioAtMs === undefined || isExpired) await wait(clock, profile.firstByteMs(random), signal);
        for (let start = 0; start < chunk.length; start += PIECE_CHARACTERS) {
          if (signal.aborted) return;
          const length = Math.min(PIECE_CHARACTERS, chunk.length - start);
          const samples = tone(length * SAMPLES_PER_CHARACTER, true);
          lastAudioAtMs = clock.nowMs();
          yield { samples, characterStart: spoken + start, characterEnd: spoken + start + length };
          await wait(clock, (length * SAMPLES_PER_CHARACTER * 1000) / SAMPLE_RATE_HZ / FASTER_THAN_PLAYED, signal);
        }
        spoken += chunk.length;
      }
    } finally {
      this.#openCount -= 1;
      context.closedAtMs = clock.nowMs();
    }
  }

  warmUp(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
