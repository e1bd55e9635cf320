// A language model that replies as the script has it, with set delays, and counts what it is asked and writes. What it replies
// to anything but the whole of a turn names what it is a reply to, so that one that was made for other words is known by it.

import type { ReplyModel } from '../../src/llm/port.ts';
import type { Message } from '../../src/turns/history.ts';
import { wait } from '../../test/sim/stages.ts';
import type { StandInOptions } from './recogniser.ts';
import type { Conversation } from './script.ts';
import { isSameSense } from './sense.ts';
import { guessesAfter } from './trials/asks.ts';
import { isSaying, textOf, wordsOf } from './words.ts';

/** One request. */
export interface ModelCall {
  /** Counts from 0: the scripted turn under way. */
  readonly turnIndex: number;
  /** What it was to reply to. */
  readonly question: string;
  /** What it replies, written or not. */
  readonly text: string;
  readonly startedAtMs: number;
  /** Undefined while it writes. */
  endedAtMs: number | undefined;
  readonly promptTokens: number;
  outputTokens: number;
}

/** System prompt and tools of a small agent, sent with each request. */
const STANDING_TOKENS = 400;
const CHARACTERS_PER_TOKEN = 4;
/** How a request begins that asks for what the caller will say next. */
const PREDICTION = '[Not from the caller.]';

export class ModelStandIn implements ReplyModel {
  readonly name = 'stand-in';
  readonly calls: ModelCall[] = [];
  /** The turn under way: from its first word to that of the next one. */
  turnIndex = 0;
  readonly #script: Conversation;
  readonly #options: StandInOptions;

  constructor(script: Conversation, options: StandInOptions) {
    this.#script = script;
    this.#options = options;
  }

  async *reply(
    messages: readonly Message[],
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<string, void> {
    const { clock, profile, random } = this.#options;
    const question = messages.findLast((message) => message.role === 'user')?.text ?? '';
    const text = question.startsWith(PREDICTION)
      ? predictionAfter(messages)
      : scriptedReply(this.#script, this.turnIndex, question);
    const call: ModelCall = {
      turnIndex: this.turnIndex,
      question,
      text,
      startedAtMs: clock.nowMs(),
      endedAtMs: undefined,
      promptTokens: STANDING_TOKENS + Math.ceil(JSON.stringify(messages).length / CHARACTERS_PER_TOKEN),
      outputTokens: 0,
    };
    this.calls.push(call);
    const words = text.match(/\S+\s*/g) ?? [];
    try {
      for (const [index, word] of words.entries()) {
        await wait(clock, index === 0 ? profile.firstTokenMs(random) : profile.tokenMs(random), signal);
        if (signal.aborted) return;
        call.outputTokens += 1;
        yield word;
      }
    } finally {
      call.endedAtMs = clock.nowMs();
    }
  }
}

/**
 * As scripted for all that the caller says in the turn under way, or will say in the next one, where that was foreseen; to
 * other words it begins with these.
 */
export function scriptedReply(script: Conversation, turnIndex: number, question: string): string {
  const [turn, next] = script.slice(turnIndex);
  const answered = [turn, next].find((one) => one !== undefined && isSaying(question, wordsOf(one)));
  if (answered !== undefined) return answered.reply;
  const isForeseen = next !== undefined && isSameSense(question, textOf(wordsOf(next)));
  return `As for "${question}": ${(isForeseen ? next : turn)?.reply ?? 'Okay.'}`;
}

/** What a reply says that it is to, where that is not the whole of a turn to the letter. */
export function claimOf(reply: string): string | undefined {
  return /^As for "([^"]*)":/.exec(reply)?.[1];
}

/** What a sensible model expects to hear after the last message; it knows no more than that. */
function predictionAfter(messages: readonly Message[]): string {
  const asked = messages.findLast((message) => message.role === 'assistant')?.text ?? '';
  const guesses = guessesAfter(asked);
  return guesses.length === 0 ? 'NONE' : guesses.join('\n');
}
