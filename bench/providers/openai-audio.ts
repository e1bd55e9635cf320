// Stands in for OpenAI's audio endpoints and for servers compatible with them: transcriptions, speech, the list of models.
// https://platform.openai.com/docs/api-reference/audio, https://platform.openai.com/docs/guides/error-codes
// Left out: other audio formats than WAV and PCM, transcripts and speech as server-sent events, rate limit headers.

import { z } from 'zod';
import { readWavHeader } from '../../src/audio/wav.ts';
import { type Delivery, type HttpAnswer, type HttpFault, type HttpRequest, startHttpStandIn } from './http.ts';
import { synthetic, transcriptOf, type TranscribedWord } from './openai-audio-speech.ts';

export interface TranscriptionRequest {
  readonly samples: Int16Array;
  /** All fields of the form but the file, in order. */
  readonly fields: readonly (readonly [string, string])[];
}

export interface SpeechRequest {
  readonly input: string;
  readonly model: string;
  readonly voice: string;
  readonly response_format: 'mp3' | 'opus' | 'aac' | 'flac' | 'wav' | 'pcm';
  readonly speed: number;
  readonly instructions?: string | undefined;
}

export interface OpenAiAudioOptions {
  /** The only key that is let in. Default `sk-stand-in`. */
  readonly apiKey?: string;
  /** What is understood of 16 kHz audio with voice in it. Default: `Hello there.`, spread over what sounds. */
  readonly transcribe?: (samples: Int16Array) => string;
  /** Whether transcripts come with word times where they are asked for. Default true; many compatible servers can't. */
  readonly wordTimes?: boolean;
  /** 24 kHz audio. Default: a tone of 60 ms a character between silences, deterministic. */
  readonly synthesise?: (request: SpeechRequest) => Int16Array | Promise<Int16Array>;
  /** Speech in another form than it was asked for, as some compatible servers answer. */
  readonly speechAnswer?: (samples: Int16Array) => HttpAnswer;
  readonly transcriptionDelivery?: Delivery;
  readonly speechDelivery?: Delivery;
}

export interface OpenAiAudio {
  /** Ends in `/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Everything that was asked, the list of models included. */
  readonly requests: readonly HttpRequest[];
  /** Those that were in order. */
  readonly transcriptions: readonly TranscriptionRequest[];
  readonly speeches: readonly SpeechRequest[];
  readonly openConnectionCount: number;
  readonly connectionCount: number;
  failNext(endpoint: Endpoint, ...faults: readonly HttpFault[]): void;
  closeIdleConnections(): void;
  close(): Promise<void>;
}

export type Endpoint = 'transcriptions' | 'speech' | 'models';

const PATHS: Record<Endpoint, string> = {
  transcriptions: '/v1/audio/transcriptions',
  speech: '/v1/audio/speech',
  models: '/v1/models',
};
const LARGEST_BODY_BYTES = 26_214_400;
const SHORTEST_AUDIO_SECONDS = 0.1;
/** Models that answer in `json` alone. */
const WITHOUT_WORD_TIMES = /^gpt-/;
/** Models that take lists of languages and of keywords; others take neither. */
const TAKES_LISTS = /^gpt-transcribe/;
const FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt'];

export async function startOpenAiAudio(options: OpenAiAudioOptions = {}): Promise<OpenAiAudio> {
  const { apiKey = 'sk-stand-in' } = options;
  const transcriptions: TranscriptionRequest[] = [];
  const speeches: SpeechRequest[] = [];

  const server = await startHttpStandIn({
    delivery: ({ path }) => {
      if (path === PATHS.speech) return options.speechDelivery ?? {};
      return path === PATHS.transcriptions ? (options.transcriptionDelivery ?? {}) : {};
    },
    answer: async (request) => {
      if (request.headers.authorization !== `Bearer ${apiKey}`) return wrongKey(request.headers.authorization);
      if (request.body.length > LARGEST_BODY_BYTES) {
        return refusal(413, `Maximum content size limit (${LARGEST_BODY_BYTES}) exceeded`);
      }
      switch (`${request.method} ${request.path}`) {
        case `GET ${PATHS.models}`:
          return json({
            object: 'list',
            data: [{ id: 'gpt-transcribe', object: 'model', owned_by: 'openai-internal' }],
          });
        case `POST ${PATHS.transcriptions}`:
          return await transcribe(request);
        case `POST ${PATHS.speech}`:
          return await speak(request);
        default:
          return refusal(404, `Invalid URL (${request.method} ${request.path})`);
      }
    },
  });

  async function transcribe(request: HttpRequest): Promise<HttpAnswer> {
    const received = await transcriptionIn(request);
    if ('status' in received) return received;
    transcriptions.push(received);
    const { samples, fields } = received;
    const { text, words, durationSeconds } = transcriptOf(samples, options.transcribe ?? (() => 'Hello there.'));
    const field = new Map(fields);
    if (field.get('response_format') === 'text') return answer(200, 'text/plain; charset=utf-8', `${text}\n`);
    if (field.get('response_format') !== 'verbose_json') return json({ text });
    const asksForWords = fields.some(([name, value]) => name === 'timestamp_granularities[]' && value === 'word');
    const told: readonly TranscribedWord[] | null = (options.wordTimes ?? true) ? words : null;
    const whole = { task: 'transcribe', language: 'english', duration: durationSeconds, text };
    return json(asksForWords ? { ...whole, words: told } : whole);
  }

  async function speak(request: HttpRequest): Promise<HttpAnswer> {
    const parsed = speechBody.safeParse(parsedJson(request.body));
    if (!parsed.success) return invalidField(parsed.error);
    speeches.push(parsed.data);
    const samples = await (options.synthesise ?? synthetic)(parsed.data);
    if (options.speechAnswer !== undefined) return options.speechAnswer(samples);
    return answer(200, 'audio/pcm', new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }

  return {
    baseUrl: `${server.origin}/v1`,
    apiKey,
    requests: server.requests,
    transcriptions,
    speeches,
    get openConnectionCount() {
      return server.openConnectionCount;
    },
    get connectionCount() {
      return server.connectionCount;
    },
    failNext: (endpoint, ...faults) => server.failNext(PATHS[endpoint], ...faults),
    closeIdleConnections: () => server.closeIdleConnections(),
    close: () => server.close(),
  };
}

/** The answer with which the service refuses. */
export function refusal(
  status: number,
  message: string,
  {
    type = status < 500 ? 'invalid_request_error' : 'server_error',
    param = null,
    code = null,
    retryAfter,
  }: {
    readonly type?: string;
    readonly param?: string | null;
    readonly code?: string | null;
    readonly retryAfter?: string;
  } = {},
): HttpAnswer {
  const { headers, body } = json({ error: { message, type, param, code } });
  return { status, headers: { ...headers, ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }) }, body };
}

export function answer(status: number, contentType: string, body: Uint8Array | string): HttpAnswer {
  return { status, headers: { 'content-type': contentType }, body: Buffer.from(body) };
}

function json(value: unknown): HttpAnswer {
  return answer(200, 'application/json', JSON.stringify(value));
}

function wrongKey(authorization: string | undefined): HttpAnswer {
  if (authorization === undefined) {
    return refusal(401, "You didn't provide an API key. You need to provide it in an Authorization header.");
  }
  const shown = authorization.replace('Bearer ', '').slice(-4);
  return refusal(401, `Incorrect API key provided: ****${shown}. You can find your API key in your account.`, {
    code: 'invalid_api_key',
  });
}

const speechBody = z.object({
  input: z.string().min(1).max(4096),
  model: z.string().min(1),
  voice: z.string().min(1),
  response_format: z.enum(['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm']).default('mp3'),
  speed: z.number().min(0.25).max(4).default(1),
  instructions: z.string().max(4096).optional(),
  stream_format: z.enum(['audio', 'sse']).optional(),
});

function invalidField(error: z.ZodError): HttpAnswer {
  const [issue] = error.issues;
  const param = issue?.path.join('.') ?? null;
  return refusal(400, `Invalid '${param}': ${issue?.message}`, { param, code: 'invalid_value' });
}

async function transcriptionIn(request: HttpRequest): Promise<TranscriptionRequest | HttpAnswer> {
  const contentType = request.headers['content-type'] ?? '';
  if (!contentType.startsWith('multipart/form-data')) return refusal(400, 'Could not parse multipart form');
  const form = await new Response(request.body, { headers: { 'content-type': contentType } }).formData();
  const file = form.get('file');
  if (!(file instanceof File)) return refusal(400, 'file is a required property', { param: 'file' });
  const fields: [string, string][] = [];
  for (const [name, value] of form) if (typeof value === 'string') fields.push([name, value]);
  return invalidTranscription(new Map(fields)) ?? withSamples(new Uint8Array(await file.arrayBuffer()), fields);
}

function invalidTranscription(field: ReadonlyMap<string, string>): HttpAnswer | undefined {
  const model = field.get('model') ?? '';
  if (model === '') return refusal(400, 'you must provide a model parameter');
  const wrongField = (TAKES_LISTS.test(model) ? ['language'] : ['languages[]', 'keywords[]']).find((name) =>
    field.has(name),
  );
  if (wrongField !== undefined) {
    const message = `Parameter '${wrongField}' is not supported by model '${model}'.`;
    return refusal(400, message, { param: wrongField, code: 'unsupported_parameter' });
  }
  const language = field.get('language') ?? field.get('languages[]');
  if (language !== undefined && !/^[a-z]{2}$/.test(language)) {
    const message = `Invalid language '${language}'. Language parameter must be specified in ISO-639-1 format.`;
    return refusal(400, message, { param: 'language', code: 'invalid_language_format' });
  }
  const format = field.get('response_format') ?? 'json';
  if (!FORMATS.includes(format) || (WITHOUT_WORD_TIMES.test(model) && !['json', 'text'].includes(format))) {
    const message = `response_format '${format}' is not compatible with model '${model}'. Use 'json' or 'text' instead.`;
    return refusal(400, message, { param: 'response_format', code: 'unsupported_value' });
  }
  const granularity = field.get('timestamp_granularities[]');
  if (granularity !== undefined && (format !== 'verbose_json' || !['word', 'segment'].includes(granularity))) {
    return refusal(400, "timestamp_granularities needs response_format 'verbose_json'", {
      param: 'timestamp_granularities',
    });
  }
  return undefined;
}

function withSamples(file: Uint8Array, fields: readonly [string, string][]): TranscriptionRequest | HttpAnswer {
  const wav = readWavHeader(file);
  if (wav === undefined || wav === 'incomplete' || !wav.isPcm || wav.bitsPerSample !== 16 || wav.channelCount !== 1) {
    const message =
      "Invalid file format. Supported formats: ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']";
    return refusal(400, message, { param: 'file' });
  }
  const samples = new Int16Array(file.slice(wav.dataOffset).buffer);
  if (samples.length / wav.sampleRateHz < SHORTEST_AUDIO_SECONDS) {
    const message = `Audio file is too short. Minimum audio length is ${SHORTEST_AUDIO_SECONDS} seconds.`;
    return refusal(400, message, { param: 'file', code: 'audio_too_short' });
  }
  return { samples, fields };
}

function parsedJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
