// What Deepgram's live recognition says, checked: https://developers.deepgram.com/reference/speech-to-text/listen-streaming
// and the types of its SDK (deepgram/deepgram-js-sdk, src/api/resources/listen/resources/v1/types).
// Left out: `speech_final`, confidences, speakers and languages, which the port has no place for.

import { z } from 'zod';

const word = z.object({
  word: z.string(),
  /** Seconds of audio since the connection was opened; audio that was not sent doesn't count. */
  start: z.number().nonnegative(),
  end: z.number().nonnegative(),
  punctuated_word: z.string().nullish(),
});

const resultsMessage = z.object({
  /** Seconds: the stretch of audio that this covers. */
  start: z.number().nonnegative(),
  duration: z.number().nonnegative(),
  is_final: z.boolean().nullish(),
  from_finalize: z.boolean().nullish(),
  channel: z.object({
    alternatives: z.array(z.object({ transcript: z.string(), words: z.array(word) })),
  }),
});

const errorMessage = z.object({
  variant: z.string().nullish(),
  code: z.string().nullish(),
  description: z.string().nullish(),
});

/** One recognised stretch; all times are seconds of the audio that was sent. */
export interface Results {
  readonly type: 'results';
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly isFinal: boolean;
  /** It was flushed by a `Finalize`. */
  readonly fromFinalize: boolean;
  readonly transcript: string;
  readonly words: readonly { readonly text: string; readonly startSeconds: number; readonly endSeconds: number }[];
}

export type Message =
  | Results
  | { readonly type: 'error'; readonly said: string }
  /** Nothing that concerns us: `Metadata`, `SpeechStarted`, `UtteranceEnd`, and whatever will be added. */
  | { readonly type: 'other' }
  /** Not this protocol. */
  | { readonly type: 'garbage'; readonly why: string };

/** Never throws. */
export function parseMessage(text: string): Message {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { type: 'garbage', why: `no JSON: ${excerpt(text)}` };
  }
  const type = typeof json === 'object' && json !== null && 'type' in json ? json.type : undefined;
  if (typeof type !== 'string') return { type: 'garbage', why: `no message type: ${excerpt(text)}` };
  switch (type) {
    case 'Results':
      return parseResults(json);
    case 'Error':
      return parseError(json);
    default:
      return { type: 'other' };
  }
}

function parseResults(json: unknown): Message {
  const parsed = resultsMessage.safeParse(json);
  if (!parsed.success) return { type: 'garbage', why: `wrong Results: ${excerpt(z.prettifyError(parsed.error))}` };
  const { start, duration, is_final: isFinal, from_finalize: fromFinalize, channel } = parsed.data;
  const best = channel.alternatives[0];
  return {
    type: 'results',
    startSeconds: start,
    endSeconds: start + duration,
    isFinal: isFinal ?? false,
    fromFinalize: fromFinalize ?? false,
    transcript: best?.transcript.trim() ?? '',
    words: (best?.words ?? []).map((said) => ({
      text: said.punctuated_word ?? said.word,
      startSeconds: said.start,
      endSeconds: said.end,
    })),
  };
}

function parseError(json: unknown): Message {
  const { variant, code, description } = errorMessage.safeParse(json).data ?? {};
  const parts = [variant, code, description].filter((part) => part !== undefined && part !== null && part !== '');
  return { type: 'error', said: excerpt(parts.join(', ')) };
}

const LONGEST_EXCERPT = 200;

function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length > LONGEST_EXCERPT ? `${line.slice(0, LONGEST_EXCERPT)}…` : line;
}
