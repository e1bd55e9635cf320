// What a reply sounds like, as it is synthesised: all of it, or, while it is held, its beginning only.

import type { AgentSettings } from '../agent.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { Replayable } from '../lib/replayable.ts';
import { resolvedOrAborted } from '../lib/until-aborted.ts';
import type { SpokenAudio, TextToSpeech } from '../tts/port.ts';
import type { ReplyShare } from './reply-share.ts';
import { speak } from './voice.ts';

/**
 * A voice that takes no tokens speaks this much of a held reply: some 1.2 s, in which it has the first of the rest ready.
 * Voices give their first audio within 0.2 to 0.6 s.
 */
const HELD_CHARACTERS = 20;

export interface ReplyVoicingOptions {
  /** In the order of preference; at least one. */
  readonly voices: readonly TextToSpeech[];
  /** They make the whole reply before any of it is played. */
  readonly voiceInBatch: boolean;
  /** They take the text as it comes, and wait for the rest of it by themselves. */
  readonly takesTokens: boolean;
  readonly share: ReplyShare;
  readonly isHeld: () => boolean;
  /** Resolves once it is not held any more. */
  readonly released: Promise<void>;
  /** A voice was asked for this. */
  readonly onAsked: (chunk: string) => void;
  /** There is no room for it before it is the answer. */
  readonly onPutOff: () => void;
  readonly settings: Pick<AgentSettings, 'tts'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * A held reply has its beginning spoken only: a draft may wait for long, or for ever. A voice that takes tokens waits for
 * the rest by itself, and goes on as in one breath; any other is done with the beginning, and asked again for the rest.
 * Throws the `StageError` of the last voice; ends quietly when aborted.
 */
export async function* spokenReply(
  chunks: AsyncIterable<string>,
  options: ReplyVoicingOptions,
): AsyncGenerator<SpokenAudio, void, undefined> {
  const { voiceInBatch, takesTokens, isHeld, released, signal } = options;
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const rest: AsyncIterable<string> = { [Symbol.asyncIterator]: () => iterator };
  const release = resolvedOrAborted(released, signal);
  if (voiceInBatch || !isHeld() || takesTokens) {
    yield* say(startingWith(first.value, rest, voiceInBatch ? undefined : release), options);
    return;
  }
  let begun = 0;
  const beginning = untilEnough(startingWith(first.value, rest), (chunk) => {
    begun += chunk.length;
    return isHeld() && begun >= HELD_CHARACTERS;
  });
  yield* say(beginning, options);
  await release;
  for await (const { samples, characterStart, characterEnd } of say(rest, options)) {
    yield { samples, characterStart: begun + characterStart, characterEnd: begun + characterEnd };
  }
}

/** In one context of the voice, once there is a place for it. */
function say(
  chunks: AsyncIterable<string>,
  { voices, share, settings, clock, log, onAsked, onPutOff, signal }: ReplyVoicingOptions,
): AsyncIterable<SpokenAudio> {
  const voicing = { voices: voices.map((voice) => share.voice(voice)), deadlines: settings.tts, clock, log, signal };
  const text = new Replayable(each(chunks, onAsked));
  return share.spoken(() => speak(text, voicing), { signal, onPutOff });
}

/** The chunks, each shown to `see` on its way. */
async function* each(
  chunks: AsyncIterable<string>,
  see: (chunk: string) => void,
): AsyncGenerator<string, void, undefined> {
  for await (const chunk of chunks) {
    see(chunk);
    yield chunk;
  }
}

/** One chunk, and then the others, once it is time for them. */
async function* startingWith(
  chunk: string,
  rest?: AsyncIterable<string>,
  isTime?: Promise<void>,
): AsyncGenerator<string, void, undefined> {
  yield chunk;
  await isTime;
  if (rest !== undefined) yield* rest;
}

/** The chunks up to the one with which there are enough; what follows stays where it is. */
async function* untilEnough(
  chunks: AsyncGenerator<string, void, undefined>,
  isEnough: (chunk: string) => boolean,
): AsyncGenerator<string, void, undefined> {
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    yield next.value;
    if (isEnough(next.value)) return;
  }
}
