// A language model that replies as the script has it, with set delays, and counts what it is asked and writes.

import type { ReplyModel } from '../../src/llm/port.ts';
import type { Message } from '../../src/turns/history.ts';
import { wait } from '../../test/sim/stages.ts';
import type { StandInOptions } from './recogniser.ts';

/** One request. */
export interface ModelCall {
  /** Counts from 0: the scripted turn under way. */
  readonly turnIndex: number;
  /** What it was to reply to. */
  readonly question: string;
  readonly startedAtMs: number;
  readonly promptTokens: number;
  outputTokens: number;
  running: boolean;
}

/** System prompt and tools of a small agent, sent with each request. */
const STANDING_TOKENS = 400;
const CHARACTERS_PER_TOKEN = 4;

export class ModelStandIn implements ReplyModel {
  readonly name = 'stand-in';
  readonly calls: ModelCall[] = [];
  /** The turn under way, and the reply to it; to a part of it, too. */
  turnIndex = 0;
  replyText = '';
  readonly #options: StandInOptions;

  constructor(options: StandInOptions) {
    this.#options = options;
  }

  async *reply(
    messages: readonly Message[],
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<string, void> {
    const { clock, profile, random } = this.#options;
    const asked = messages.findLast((message) => message.role === 'user');
    const call: ModelCall = {
      turnIndex: this.turnIndex,
      question: asked?.text ?? '',
      startedAtMs: clock.nowMs(),
      promptTokens: STANDING_TOKENS + Math.ceil(JSON.stringify(messages).length / CHARACTERS_PER_TOKEN),
      outputTokens: 0,
      running: true,
    };
    this.calls.push(call);
    const words = this.replyText.match(/\S+\s*/g) ?? [];
    try {
      for (const [index, word] of words.entries()) {
        await wait(clock, index === 0 ? profile.firstTokenMs(random) : profile.tokenMs(random), signal);
        if (signal.aborted) return;
        call.outputTokens += 1;
        yield word;
      }
    } finally {
      call.running = false;
    }
  }
}
