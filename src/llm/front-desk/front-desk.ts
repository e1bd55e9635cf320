// The offline front desk: an AI SDK language model (LanguageModelV4) that needs no key and no network.
// It answers by a table of intents, streams word by word, and keeps no state between calls.

import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Prompt,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { UNINTELLIGIBLE } from '../port.ts';
import { Conversation } from './conversation.ts';
import { BUSINESS } from './house.ts';
import { intents } from './intents.ts';
import { lead, rules, tail } from './rules.ts';
import { Understanding } from './understand.ts';

export interface FrontDeskOptions {
  /** Tells the time of day; with the two below, also paces the words. */
  readonly clock?: Clock;
  /** Wait before the first word. Default 0. */
  readonly firstTokenMs?: number;
  /** Wait before every further word. Default 0. */
  readonly msPerWord?: number;
}

/** What the desk says first, where the session greets. */
export const greeting = `Hello, this is ${BUSINESS}. How can I help you?`;

/** What one can say, for people: sentences under headings. */
export const examples: readonly { readonly group: string; readonly sentences: readonly string[] }[] = Array.from(
  Map.groupBy(intents, (intent) => intent.group),
  ([group, members]) => ({ group, sentences: members.flatMap((intent) => intent.examples) }),
);

/** What one can say, for the recogniser: every sentence, in the notation of `phrases.ts`. */
export const speechGrammar = {
  sentences: intents.map((intent) => intent.says),
  rules,
  lead,
  tail,
  /** Words that the recogniser's dictionary lacks, in ARPAbet. */
  pronunciations: { wifi: ['W AY F AY'] },
};

const understanding = new Understanding(intents, { rules, lead, tail });

/** The front desk as a model for `streamText`, or for `languageModelReplies`. */
export function frontDesk(options: FrontDeskOptions = {}): LanguageModelV4 {
  const { clock = systemClock, firstTokenMs = 0, msPerWord = 0 } = options;
  const answerTo = (prompt: LanguageModelV4Prompt): string => answer(callerTexts(prompt), clock);
  return {
    specificationVersion: 'v4',
    provider: 'repartee',
    modelId: 'front-desk',
    supportedUrls: {},
    doGenerate: async ({ prompt }) => {
      const text = answerTo(prompt);
      return { content: [{ type: 'text', text }], ...ending(text), warnings: [] };
    },
    doStream: async ({ prompt, abortSignal }) => ({
      stream: ReadableStream.from(stream(answerTo(prompt), { clock, firstTokenMs, msPerWord, abortSignal })),
    }),
  };
}

/** The desk's answer to the last of `texts`, everything the caller has said in this conversation. */
export function answer(texts: readonly string[], clock: Clock): string {
  const conversation = new Conversation(clock);
  for (const text of texts) conversation.lastAnswer = nextAnswer(conversation, text);
  return conversation.lastAnswer;
}

function nextAnswer(conversation: Conversation, text: string): string {
  const understood = text === UNINTELLIGIBLE ? [] : understanding.understand(text);
  if (understood.length === 0) return notUnderstood(conversation);
  const answers = understood.map(({ intent, slots }) =>
    typeof intent.answer === 'function'
      ? intent.answer(conversation, slots)
      : conversation.inTurn(intent.name, intent.answer),
  );
  return answers.filter((said) => said !== '').join(' ');
}

/** Two examples that change each time, taken from different corners of the table. */
function notUnderstood(conversation: Conversation): string {
  const turn = conversation.missCount;
  conversation.missCount += 1;
  const shown = SUGGESTIONS[turn % SUGGESTIONS.length] ?? [];
  const opening = turn % 2 === 0 ? "I didn't get that." : 'I am sorry, I did not understand.';
  return `${opening} You can ask, for instance: ${shown.join(' Or: ')}`;
}

const SUGGESTIONS: readonly (readonly string[])[] = [
  ['What are your opening hours?', 'Can I book a table for two?'],
  ['Where can I park?', "What's on the menu?"],
  ['How do I get there?', 'Can I pay by card?'],
  ['Do you have vegetarian dishes?', 'Tell me a story.'],
];

function callerTexts(prompt: LanguageModelV4Prompt): string[] {
  return prompt.flatMap((message) =>
    message.role === 'user' ? [message.content.map((part) => (part.type === 'text' ? part.text : '')).join(' ')] : [],
  );
}

interface Pacing {
  readonly clock: Clock;
  readonly firstTokenMs: number;
  readonly msPerWord: number;
  readonly abortSignal: LanguageModelV4CallOptions['abortSignal'];
}

async function* stream(text: string, pacing: Pacing): AsyncGenerator<LanguageModelV4StreamPart, void, undefined> {
  const { clock, firstTokenMs, msPerWord, abortSignal } = pacing;
  yield { type: 'stream-start', warnings: [] };
  yield { type: 'text-start', id: '0' };
  let waitMs = firstTokenMs;
  for (const delta of text.match(/\S+\s*/g) ?? []) {
    if (waitMs > 0) await pause(clock, waitMs, abortSignal);
    abortSignal?.throwIfAborted();
    yield { type: 'text-delta', id: '0', delta };
    waitMs = msPerWord;
  }
  yield { type: 'text-end', id: '0' };
  yield { type: 'finish', ...ending(text) };
}

function ending(text: string): Pick<Extract<LanguageModelV4StreamPart, { type: 'finish' }>, 'usage' | 'finishReason'> {
  const words = text.split(' ').length;
  return {
    finishReason: { unified: 'stop', raw: undefined },
    usage: {
      inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: words, text: words, reasoning: 0 },
    },
  };
}

/** Waits on `clock`; ends early when aborted. */
function pause(clock: Clock, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(waitMs, done);
    signal?.addEventListener('abort', done, { once: true });
    if (signal?.aborted === true) done();
  });
}
