// An AI SDK model in virtual time that writes, and calls, what a script says to each prompt.

import type { LanguageModelV4Prompt, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { MockLanguageModelV4 } from 'ai/test';

import type { Clock } from '../../src/lib/clock.ts';
import { wait } from './stages.ts';

/** One step: words, then calls of tools, then perhaps a fault. */
export interface ScriptedStep {
  readonly text?: string;
  readonly calls?: readonly { readonly tool: string; readonly input?: unknown }[];
  readonly error?: Error;
  /** What it counts at the end; nothing where it is absent. */
  readonly tokens?: { readonly input: number; readonly output: number };
}

export class ScriptedModel {
  readonly model: MockLanguageModelV4;
  /** Of each request, one line a message. */
  readonly prompts: string[][] = [];
  activeCount = 0;
  readonly #clock: Clock;
  readonly #script: (prompt: readonly string[]) => ScriptedStep;
  #callCount = 0;

  constructor(clock: Clock, script: (prompt: readonly string[]) => ScriptedStep) {
    this.#clock = clock;
    this.#script = script;
    this.model = new MockLanguageModelV4({
      doStream: ({ prompt, abortSignal = new AbortController().signal }) => {
        const lines = prompt.map(lineOf);
        this.prompts.push(lines);
        return Promise.resolve({ stream: ReadableStream.from(this.#stream(this.#script(lines), abortSignal)) });
      },
    });
  }

  /** The first word after 350 ms, the others 20 ms apart; calls come at once after them. */
  async *#stream(
    { text = '', calls = [], error, tokens }: ScriptedStep,
    signal: AbortSignal,
  ): AsyncGenerator<LanguageModelV4StreamPart, void> {
    this.activeCount += 1;
    try {
      yield { type: 'stream-start', warnings: [] };
      await wait(this.#clock, 350, signal);
      yield { type: 'text-start', id: '0' };
      for (const delta of text.match(/\S+\s*/g) ?? []) {
        signal.throwIfAborted();
        yield { type: 'text-delta', id: '0', delta };
        await wait(this.#clock, 20, signal);
      }
      yield { type: 'text-end', id: '0' };
      for (const { tool, input = {} } of calls) {
        this.#callCount += 1;
        const toolCallId = `call-${this.#callCount}`;
        yield { type: 'tool-call', toolCallId, toolName: tool, input: JSON.stringify(input) };
      }
      if (error !== undefined) throw error;
      yield {
        type: 'finish',
        usage: {
          inputTokens: { ...NO_USAGE.inputTokens, total: tokens?.input },
          outputTokens: { ...NO_USAGE.outputTokens, total: tokens?.output },
        },
        finishReason: { unified: calls.length > 0 ? 'tool-calls' : 'stop', raw: undefined },
      };
    } finally {
      this.activeCount -= 1;
    }
  }
}

const NO_USAGE = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};

/** `user: hello`, `assistant: Let me see. → look({"day":"friday"})`, `tool: look = "free"`. */
function lineOf(message: LanguageModelV4Prompt[number]): string {
  if (message.role === 'system') return `system: ${message.content}`;
  const parts = message.content.map((part) => {
    if (part.type === 'text') return part.text;
    if (part.type === 'tool-call') return `→ ${part.toolName}(${JSON.stringify(part.input)})`;
    if (part.type !== 'tool-result') return part.type;
    return `${part.toolName} = ${'value' in part.output ? JSON.stringify(part.output.value) : part.output.type}`;
  });
  return `${message.role}: ${parts.join(' ')}`;
}
