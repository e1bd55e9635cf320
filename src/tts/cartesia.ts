// Text to speech by Cartesia: one warm websocket for all replies, a context for each. Text is passed on token by token.
// https://docs.cartesia.ai/api-reference/tts/websocket, https://docs.cartesia.ai/use-the-api/tts-websocket/buffering

import { systemClock, type Clock } from '../lib/clock.ts';
import { ConfigurationError } from '../lib/errors.ts';
import { silentLogger, type Logger } from '../lib/log.ts';
import { CARTESIA_RATES_HZ, type VoiceRequest } from './cartesia/protocol.ts';
import { CartesiaReply } from './cartesia/reply.ts';
import { SharedConnection } from './cartesia/shared-connection.ts';
import type { SpokenAudio, TextToSpeech } from './port.ts';

export interface CartesiaTextToSpeechOptions {
  readonly apiKey: string;
  /** Http or https; the websocket has the same host, port and path. */
  readonly baseUrl?: string;
  /** `sonic-3` by default; https://docs.cartesia.ai/build-with-cartesia/tts-models/latest lists them. */
  readonly model?: string;
  /** Id of a voice. Default: Katie, one of those that Cartesia recommends for agents. */
  readonly voice?: string;
  /** BCP 47; Cartesia takes the language alone (`en`, not `en-US`). Default `en`. */
  readonly language?: string;
  /** 0.6 to 1.5, 1 by default. Models before sonic-3 know three speeds only: below 0.9, above 1.1, and between. */
  readonly speed?: number;
  /** 8000, 16000, 22050, 24000 (default: what telephones and Opus need, and no more), 44100 or 48000. */
  readonly sampleRateHz?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** https://docs.cartesia.ai/get-started/realtime-text-to-speech-quickstart */
const KATIE = 'f786b574-daa5-4673-aa0c-cbe3e8534c02';
const SLOWEST = 0.6;
const FASTEST = 1.5;
const SLOW_BELOW = 0.9;
const FAST_ABOVE = 1.1;
/**
 * How long the service may wait for more text, where it waits at all: the first chunk is flushed. Its default, 3000 ms, is
 * heard as a stall when the model pauses, and is longer than the 1000 ms after which contexts expire. Without any, each
 * token would be spoken on its own. 400 ms and the time to the next audio (about 200 ms) pass while the first clause,
 * two words or more, is still played.
 */
const MAX_BUFFER_DELAY_MS = 400;

/**
 * Make one per process: all calls of `speak` share its connection. `warmUp` never rejects: a service that can't be reached
 * shows when it is to speak. `speak` throws a `StageError` for whatever the service refuses, retryable where another attempt
 * may succeed; it makes none itself. Throws a `ConfigurationError` for settings that Cartesia doesn't know.
 */
export function cartesiaTextToSpeech(options: CartesiaTextToSpeechOptions): TextToSpeech {
  const { apiKey, baseUrl = 'https://api.cartesia.ai', speed = 1, sampleRateHz = 24_000 } = options;
  const { clock = systemClock, log = silentLogger } = options;
  const request = requestOf(options);
  if (!/^https?:$/.test(URL.parse(baseUrl)?.protocol ?? '')) {
    throw new ConfigurationError(`Cartesia's base URL is "${baseUrl}": it must begin with https:// or http://.`);
  }
  const shared = new SharedConnection({ baseUrl, apiKey, clock, log });
  let contextCount = 0;
  const nextId = (): string => `${crypto.randomUUID()}-${(contextCount += 1)}`;

  async function* speak(
    chunks: AsyncIterable<string>,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<SpokenAudio, void, undefined> {
    if (signal.aborted) return;
    if (shared.isClosed) await shared.get();
    const reply = new CartesiaReply({ connect: () => shared.get(), request, sampleRateHz, speed, nextId, clock });
    const cancel = (): void => reply.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      yield* reply.speak(chunks);
    } finally {
      signal.removeEventListener('abort', cancel);
      cancel();
    }
  }

  return {
    name: `Cartesia ${request.model_id}`,
    sampleRateHz,
    takesTokens: true,
    speak,
    warmUp: async () => {
      try {
        await shared.get();
      } catch (error) {
        log.warn('Cartesia is not ready to speak', { error });
      }
    },
    close: () => shared.close(),
  };
}

function requestOf({
  model = 'sonic-3',
  voice = KATIE,
  language = 'en',
  speed = 1,
  sampleRateHz = 24_000,
}: CartesiaTextToSpeechOptions): VoiceRequest {
  if (!CARTESIA_RATES_HZ.includes(sampleRateHz)) {
    throw new ConfigurationError(`Cartesia has no ${sampleRateHz} Hz: choose one of ${CARTESIA_RATES_HZ.join(', ')}.`);
  }
  if (!(speed >= SLOWEST && speed <= FASTEST)) {
    throw new ConfigurationError(`Cartesia can't speak at speed ${speed}: choose one from ${SLOWEST} to ${FASTEST}.`);
  }
  return {
    model_id: model,
    voice: { mode: 'id', id: voice },
    language: languageOf(language),
    output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: sampleRateHz },
    add_timestamps: true,
    use_normalized_timestamps: false,
    max_buffer_delay_ms: MAX_BUFFER_DELAY_MS,
    ...speedOf(model, speed),
  };
}

function languageOf(tag: string): string {
  return tag.split(/[-_]/)[0]?.toLowerCase() ?? tag;
}

function speedOf(model: string, speed: number): Pick<VoiceRequest, 'generation_config' | 'speed'> {
  if (speed === 1) return {};
  // "sonic", "sonic-2", "sonic-turbo", "sonic-english" and their dated versions came before sonic-3.
  if (!/^sonic(?:-2\b|-turbo|-english|-multilingual|$)/.test(model)) return { generation_config: { speed } };
  if (speed < SLOW_BELOW) return { speed: 'slow' };
  return { speed: speed > FAST_ABOVE ? 'fast' : 'normal' };
}
