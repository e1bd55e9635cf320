// Cartesia's messages for text to speech on a websocket, API version 2026-03-01: the types of what is sent, the reading of
// what comes. https://docs.cartesia.ai/2026-03-01/api-reference/tts/websocket,
// https://docs.cartesia.ai/use-the-api/tts-websocket/contexts, https://docs.cartesia.ai/use-the-api/api-errors

import { z } from 'zod';
import type { TimedWord } from './text-timeline.ts';

/** Structured errors came with this version; older ones say `error: "Title: message"`. */
export const CARTESIA_VERSION = '2026-03-01';
export const CARTESIA_RATES_HZ: readonly number[] = [8000, 16_000, 22_050, 24_000, 44_100, 48_000];

/** What all inputs of a context have in common; it may not change within one. */
export interface VoiceRequest {
  readonly model_id: string;
  readonly voice: { readonly mode: 'id'; readonly id: string };
  readonly language: string;
  readonly output_format: { readonly container: 'raw'; readonly encoding: 'pcm_s16le'; readonly sample_rate: number };
  readonly add_timestamps: true;
  /** Times of the words as they were given, not as they are normalised to be spoken. */
  readonly use_normalized_timestamps: false;
  readonly max_buffer_delay_ms: number;
  /** For sonic-3 and later, 0.6 to 1.5. */
  readonly generation_config?: { readonly speed: number };
  /** For models before sonic-3. */
  readonly speed?: 'slow' | 'normal' | 'fast';
}

export interface ContextInput {
  readonly context_id: string;
  /** Appended verbatim to the inputs before it. */
  readonly transcript: string;
  /** False ends the context. */
  readonly continue: boolean;
  /** With an empty transcript: what came so far is spoken without waiting for more. */
  readonly flush?: true;
}

export interface ContextCancel {
  readonly context_id: string;
  readonly cancel: true;
}

interface OfContext {
  readonly contextId: string;
  /** Nothing more comes of this context. */
  readonly done: boolean;
}

export type ServerMessage =
  | (OfContext & { readonly type: 'audio'; readonly samples: Int16Array; readonly flushId: number | undefined })
  | (OfContext & {
      readonly type: 'words';
      readonly words: readonly TimedWord[];
      readonly flushId: number | undefined;
    })
  | (OfContext & { readonly type: 'flushed'; readonly flushId: number })
  | (OfContext & { readonly type: 'done' })
  | { readonly type: 'error'; readonly contextId: string | undefined; readonly status: number; readonly said: string }
  /** Of a kind that is not used here, or will be invented. */
  | { readonly type: 'other' }
  | { readonly type: 'garbage'; readonly contextId: string | undefined; readonly problem: string };

const contextId = z.string().nullish();
const done = z.boolean().default(false);
const flushId = z.number().nullish();
const seconds = z.array(z.number().nonnegative());
const envelope = z.looseObject({ type: z.string(), context_id: contextId });
const chunk = z.object({ context_id: z.string(), data: z.string(), done, flush_id: flushId });
const timestamps = z.object({
  context_id: z.string(),
  done,
  flush_id: flushId,
  word_timestamps: z.object({ words: z.array(z.string()), start: seconds, end: seconds }).nullish(),
});
const flushed = z.object({ context_id: z.string(), done, flush_id: z.number() });
const finished = z.object({ context_id: z.string() });
/** Shared with refused handshakes, whose body has no `status_code`. */
export const problemSchema = z.object({
  title: z.string().nullish(),
  message: z.string().nullish(),
  error: z.string().nullish(),
  status_code: z.number().nullish(),
});
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Reads one text frame. Never throws: what can't be understood is `garbage`. */
export function readMessage(text: string): ServerMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { type: 'garbage', contextId: undefined, problem: 'a message that is not JSON' };
  }
  const enveloped = envelope.safeParse(value);
  if (!enveloped.success) return { type: 'garbage', contextId: undefined, problem: 'a message without a type' };
  const message = read(enveloped.data.type, value);
  return message ?? misshapen(enveloped.data.context_id, `a ${enveloped.data.type} message of the wrong shape`);
}

function read(type: string, value: unknown): ServerMessage | undefined {
  switch (type) {
    case 'chunk':
      return readChunk(chunk.safeParse(value).data);
    case 'timestamps':
      return readTimestamps(timestamps.safeParse(value).data);
    case 'flush_done': {
      const { data } = flushed.safeParse(value);
      return data && { type: 'flushed', contextId: data.context_id, done: data.done, flushId: data.flush_id };
    }
    case 'done': {
      const { data } = finished.safeParse(value);
      return data && { type: 'done', contextId: data.context_id, done: true };
    }
    case 'error':
      return readError(value);
    default:
      return { type: 'other' };
  }
}

function readChunk(message: z.infer<typeof chunk> | undefined): ServerMessage | undefined {
  if (message === undefined) return undefined;
  const { data, context_id: id } = message;
  if (data.length % 4 !== 0 || !BASE64.test(data)) return misshapen(id, 'audio that is not base64');
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length % 2 !== 0) return misshapen(id, 'audio that ends in the middle of a sample');
  const samples = new Int16Array(bytes.length / 2);
  for (let n = 0; n < samples.length; n += 1) samples[n] = bytes.readInt16LE(2 * n);
  return { type: 'audio', contextId: id, done: message.done, samples, flushId: message.flush_id ?? undefined };
}

function readTimestamps(message: z.infer<typeof timestamps> | undefined): ServerMessage | undefined {
  if (message === undefined) return undefined;
  const { words, start, end } = message.word_timestamps ?? { words: [], start: [], end: [] };
  if (start.length !== words.length || end.length !== words.length) return undefined;
  return {
    type: 'words',
    contextId: message.context_id,
    done: message.done,
    flushId: message.flush_id ?? undefined,
    words: words.map((word, index) => ({
      word,
      startMs: 1000 * (start[index] ?? 0),
      endMs: 1000 * Math.max(start[index] ?? 0, end[index] ?? 0),
    })),
  };
}

function readError(value: unknown): ServerMessage | undefined {
  const { data } = problemSchema.extend({ context_id: contextId }).safeParse(value);
  if (data === undefined) return undefined;
  // An error without a status is a fault of the service rather than one of ours.
  return {
    type: 'error',
    contextId: data.context_id ?? undefined,
    status: data.status_code ?? 500,
    said: saidBy(data),
  };
}

/** What an error tells people. */
export function saidBy({ title, message, error }: z.infer<typeof problemSchema>): string {
  return [title, message, error].filter((part) => typeof part === 'string' && part !== '').join(': ');
}

function misshapen(id: string | null | undefined, problem: string): ServerMessage {
  return { type: 'garbage', contextId: id ?? undefined, problem };
}
