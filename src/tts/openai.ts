// Text to speech by any OpenAI-compatible `POST /audio/speech`: one request for each chunk, played as it comes, the next
// chunk asked for while the one before still plays. https://platform.openai.com/docs/api-reference/audio/createSpeech
// Left out: compressed audio, server-sent events.

import { type Clock, systemClock } from '../lib/clock.ts';
import { StageError } from '../lib/errors.ts';
import { HttpService } from '../lib/http-service.ts';
import { type Logger, silentLogger } from '../lib/log.ts';
import { oneAhead } from '../lib/one-ahead.ts';
import { prefetch } from '../lib/prefetch.ts';
import { untilAborted } from '../lib/until-aborted.ts';
import { decodedAudio } from './openai/audio-body.ts';
import { ChunkCharacters, SpeakingPace } from './openai/chunk-characters.ts';
import type { SpokenAudio, TextToSpeech } from './port.ts';
import { LeadingSilence } from './trim.ts';

export interface OpenAiTextToSpeechOptions {
  /** Empty for a server that wants none. */
  readonly apiKey: string;
  /** Default `https://api.openai.com/v1`. */
  readonly baseUrl?: string;
  /**
   * Default `gpt-4o-mini-tts`. OpenAI's own end on 2027-01-06, without one in their place at this endpoint
   * (https://developers.openai.com/api/docs/guides/text-to-speech); other servers have theirs.
   */
  readonly model?: string;
  /** Default `alloy`. */
  readonly voice?: string;
  /** 0.25 to 4. Default 1. */
  readonly speed?: number;
  /** How to speak: tone, accent, mood. Not for `tts-1` and `tts-1-hd`, which don't take any. */
  readonly instructions?: string;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** Of `pcm`, whatever the model: https://platform.openai.com/docs/guides/text-to-speech#supported-output-formats */
const SAMPLE_RATE_HZ = 24_000;
/** A chunk is read as fast as it comes, so that its connection is soon free; it is bounded by its text. */
const NETWORK_PIECES_AHEAD = 4096;
const SPEAKABLE = /[\p{L}\p{N}]/u;

/** A chunk that was asked for. */
interface AskedChunk {
  readonly audio: AsyncIterable<Int16Array>;
  readonly characters: ChunkCharacters;
}

/** Connections are shared by all calls of `speak`; make one per process. */
export function openaiTextToSpeech({
  apiKey,
  baseUrl = 'https://api.openai.com/v1',
  model = 'gpt-4o-mini-tts',
  voice = 'alloy',
  speed = 1,
  instructions,
  clock = systemClock,
  log = silentLogger,
}: OpenAiTextToSpeechOptions): TextToSpeech {
  const service = new HttpService({
    stage: 'TTS',
    service: 'The OpenAI speech service',
    baseUrl,
    apiKey,
    keyName: 'OPENAI_API_KEY',
    clock,
  });
  const settings = {
    model,
    voice,
    response_format: 'pcm',
    ...(speed === 1 ? {} : { speed }),
    ...(instructions === undefined || model.startsWith('tts-1') ? {} : { instructions }),
  };
  const pace = new SpeakingPace(SAMPLE_RATE_HZ, speed);
  const closing = new AbortController();

  async function* speak(
    chunks: AsyncIterable<string>,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<SpokenAudio, void, undefined> {
    if (closing.signal.aborted) throw new StageError('TTS', 'The OpenAI voice was closed: make a new one.');
    const left = new AbortController();
    const either = AbortSignal.any([signal, left.signal]);
    try {
      for await (const chunk of oneAhead(asked(untilAborted(chunks, either), either))) {
        for await (const piece of spokenPieces(chunk)) {
          if (signal.aborted) return;
          yield piece;
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      left.abort();
    }
  }

  async function* asked(
    chunks: AsyncIterable<string>,
    signal: AbortSignal,
  ): AsyncGenerator<AskedChunk, void, undefined> {
    let offset = 0;
    for await (const chunk of chunks) {
      if (SPEAKABLE.test(chunk)) {
        const characters = new ChunkCharacters({ start: offset, count: chunk.length, pace });
        // Asked for at once, before anybody reads it.
        yield { characters, audio: prefetch(audioOf(chunk, characters, signal), NETWORK_PIECES_AHEAD, { signal }) };
      }
      offset += chunk.length;
    }
  }

  async function* audioOf(
    input: string,
    characters: ChunkCharacters,
    signal: AbortSignal,
  ): AsyncGenerator<Int16Array, void, undefined> {
    const body = JSON.stringify({ ...settings, input });
    const contentType = 'application/json';
    const answer = await service.request({ method: 'POST', path: '/audio/speech', contentType, body, signal });
    const silence = new LeadingSilence(SAMPLE_RATE_HZ);
    for await (const samples of decodedAudio(answer, { sampleRateHz: SAMPLE_RATE_HZ, service })) {
      const audible = silence.trim(samples);
      characters.came(audible.length);
      if (audible.length > 0) yield audible;
    }
    characters.end();
  }

  return {
    name: `openai ${model} ${voice}`,
    sampleRateHz: SAMPLE_RATE_HZ,
    speak,
    warmUp: async () => {
      try {
        await service.warm(closing.signal);
      } catch (error) {
        if (!(error instanceof StageError && error.retryable)) throw error;
        // Whether it matters shows when something is to be spoken.
        log.warn('no connection ahead of the first words', { error });
      }
    },
    close: async () => {
      closing.abort(new StageError('TTS', 'The OpenAI voice was closed.'));
      service.close();
    },
  };
}

/** Held back until more comes or the end is known, so that the last piece can say that the text is at its end. */
const HELD_BACK_SAMPLES = SAMPLE_RATE_HZ / 100;

async function* spokenPieces({ audio, characters }: AskedChunk): AsyncGenerator<SpokenAudio, void, undefined> {
  let held: Int16Array = new Int16Array(0);
  for await (const samples of audio) {
    const all = joined(held, samples);
    const end = Math.max(0, all.length - HELD_BACK_SAMPLES);
    held = all.subarray(end);
    if (end > 0) yield { samples: all.subarray(0, end), ...characters.advance(end) };
  }
  if (held.length > 0) yield { samples: held, ...characters.advance(held.length) };
}

function joined(first: Int16Array, second: Int16Array): Int16Array {
  const all = new Int16Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
