// What a reply costs in tokens: as the model counted them, and estimated where it did not, or was not let finish. Pure.

import type { TokenUsage } from '../llm/port.ts';
import { estimatedTokens } from '../turns/history.ts';

export interface CountedTokens extends TokenUsage {
  /** All of it counted by the model; else some of it is estimated from the length of texts. */
  readonly basis: 'counted' | 'estimated';
}

/** One attempt: a request, or several where tools are called between them. */
export class CountedAttempt {
  readonly #promptTokens: number;
  #counted: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  /** Of the request under way, which nobody has counted: undefined before its first word, once another was counted. */
  #written: string | undefined = '';

  /** `promptTokens`: estimated, of the first request. */
  constructor(promptTokens: number) {
    this.#promptTokens = promptTokens;
  }

  wrote(text: string): void {
    this.#written = (this.#written ?? '') + text;
  }

  /** A request was done, and counted. */
  counted({ inputTokens, outputTokens }: TokenUsage): void {
    const before = this.#counted;
    this.#counted = {
      inputTokens: before.inputTokens + inputTokens,
      outputTokens: before.outputTokens + outputTokens,
    };
    this.#written = undefined;
  }

  /** It failed. What was refused before the first word costs nothing. */
  failed(): void {
    if (this.#written === '') this.#written = undefined;
  }

  get tokens(): CountedTokens {
    const { inputTokens, outputTokens } = this.#counted;
    if (this.#written === undefined) return { inputTokens, outputTokens, basis: 'counted' };
    return {
      inputTokens: inputTokens + this.#promptTokens,
      outputTokens: outputTokens + estimatedTokens(this.#written),
      basis: 'estimated',
    };
  }
}

/** Undefined without any attempt. */
export function tokensOf(attempts: readonly CountedAttempt[]): CountedTokens | undefined {
  if (attempts.length === 0) return undefined;
  const all = attempts.map(({ tokens }) => tokens);
  return {
    inputTokens: all.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    outputTokens: all.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
    basis: all.every(({ basis }) => basis === 'counted') ? 'counted' : 'estimated',
  };
}
