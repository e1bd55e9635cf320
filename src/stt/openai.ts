// Speech to text by any OpenAI-compatible `POST /audio/transcriptions`: each turn is sent whole when its final is asked
// for. https://platform.openai.com/docs/api-reference/audio/createTranscription
// Left out: transcripts that are streamed back, speakers.

import { z } from 'zod';
import { LISTENING_RATE_HZ } from '../audio/frame.ts';
import { wavOf } from '../audio/wav.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { StageError } from '../lib/errors.ts';
import { HttpService } from '../lib/http-service.ts';
import { type Logger, silentLogger } from '../lib/log.ts';
import { type Transcript, type TranscribeTurn, TurnStream } from './openai/turn-stream.ts';
import type { SpeechToText, SttStream } from './port.ts';

export interface OpenAiSpeechToTextOptions {
  /** Empty for a server that wants none. */
  readonly apiKey: string;
  /** Default `https://api.openai.com/v1`. */
  readonly baseUrl?: string;
  /**
   * Default `gpt-transcribe`, which OpenAI recommends; `whisper-1` and the `gpt-4o-…` ones end on 2027-02-26
   * (https://developers.openai.com/api/docs/guides/speech-to-text).
   */
  readonly model?: string;
  /** BCP 47 tag of the caller's language; without it the model finds out by itself, slower and less surely. */
  readonly language?: string;
  /** Names and terms that are likely to be said. */
  readonly keyTerms?: readonly string[];
  /** Whether to ask for word times. Default: unless the model is one of OpenAI's `gpt-…`, which have none. */
  readonly wordTimes?: boolean;
  /** For the answer to one turn; later answers would be kept waiting by one that never comes. Default 10 s. */
  readonly answerWithinMs?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** Connections are shared by all its streams; make one per process. */
export function openaiSpeechToText({
  apiKey,
  baseUrl = 'https://api.openai.com/v1',
  model = 'gpt-transcribe',
  language,
  keyTerms = [],
  wordTimes = !/(?:^|\/)gpt-/.test(model),
  answerWithinMs = 10_000,
  clock = systemClock,
  log = silentLogger,
}: OpenAiSpeechToTextOptions): SpeechToText {
  const service = new HttpService({
    stage: 'STT',
    service: 'The OpenAI transcription service',
    baseUrl,
    apiKey,
    keyName: 'OPENAI_API_KEY',
    clock,
  });
  const fields = [...fieldsOf({ model, language, keyTerms, wordTimes })];
  let isClosed = false;

  const transcribe: TranscribeTurn = async (samples, signal) => {
    const form = new FormData();
    for (const [name, value] of fields) form.append(name, value);
    form.append('file', new File([wavOf(padded(samples), LISTENING_RATE_HZ)], 'turn.wav', { type: 'audio/wav' }));
    // Encodes the form.
    const encoded = new Response(form);
    const contentType = encoded.headers.get('content-type') ?? 'multipart/form-data';
    const body = new Uint8Array(await encoded.arrayBuffer());
    const late = new AbortController();
    const error = service.error(`gave no answer for ${answerWithinMs / 1000} s`);
    const timer = clock.after(answerWithinMs, () => late.abort(error));
    const either = AbortSignal.any([signal, late.signal]);
    const request = { method: 'POST', path: '/audio/transcriptions', contentType, body, signal: either } as const;
    try {
      const answer = await service.request(request);
      return transcriptIn(await bytesOf(answer.body), service);
    } finally {
      timer.cancel();
    }
  };

  return {
    name: `openai ${model}`,
    wordTimes,
    wholeTurns: true,
    open: async ({ signal }): Promise<SttStream> => {
      signal.throwIfAborted();
      if (isClosed) throw new StageError('STT', 'The OpenAI recogniser was closed: make a new one.');
      const stream = new TurnStream({ transcribe, warm: (closed) => service.warm(closed), log });
      // Nothing is waited for, but an abort in the same breath counts.
      await Promise.resolve();
      if (signal.aborted) stream.close();
      signal.throwIfAborted();
      return stream;
    },
    close: async () => {
      isClosed = true;
      service.close();
    },
  };
}

/** whisper.cpp refuses less than a second, OpenAI less than 0.1 s. */
const SHORTEST_SAMPLES = LISTENING_RATE_HZ;

function padded(samples: Int16Array): Int16Array {
  if (samples.length >= SHORTEST_SAMPLES) return samples;
  const longer = new Int16Array(SHORTEST_SAMPLES);
  longer.set(samples);
  return longer;
}

/** Takes lists of languages and of terms: https://developers.openai.com/api/docs/guides/speech-to-text */
const TAKES_LISTS = /(?:^|\/)gpt-transcribe/;

function* fieldsOf({
  model,
  language,
  keyTerms,
  wordTimes,
}: {
  readonly model: string;
  readonly language: string | undefined;
  readonly keyTerms: readonly string[];
  readonly wordTimes: boolean;
}): Generator<readonly [string, string]> {
  yield ['model', model];
  // Otherwise the default: `json`, which is all that the `gpt-…` models have.
  if (wordTimes) {
    yield ['response_format', 'verbose_json'];
    yield ['timestamp_granularities[]', 'word'];
  }
  const iso639 = language === undefined ? '' : new Intl.Locale(language).language;
  // ISO 639-1 has two letters; languages that only ISO 639-3 knows are left for the model to find out.
  if (iso639.length === 2) yield [TAKES_LISTS.test(model) ? 'languages[]' : 'language', iso639];
  if (TAKES_LISTS.test(model)) for (const term of keyTerms) yield ['keywords[]', term];
  else if (keyTerms.length > 0) yield ['prompt', keyTerms.join(', ')];
}

const seconds = z.number().nonnegative();
const transcription = z.object({
  text: z.string(),
  // `null` or nothing from servers that can't tell.
  words: z.array(z.object({ word: z.string(), start: seconds, end: seconds })).nullish(),
});

function transcriptIn(bytes: Uint8Array, service: HttpService): Transcript {
  try {
    const { text, words } = transcription.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return {
      text: text.trim(),
      words: (words ?? []).map(({ word, start, end }) => ({
        text: word.trim(),
        startSample: Math.round(start * LISTENING_RATE_HZ),
        endSample: Math.round(end * LISTENING_RATE_HZ),
      })),
    };
  } catch (cause) {
    throw service.error('answered with something that is no transcription. Check the base URL', { cause });
  }
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
