// The tools of one reply, as its model sees them: when they may run, and what they did.

import type { Clock } from '../lib/clock.ts';
import type { ToolHost } from '../llm/port.ts';
import type { ToolRun } from '../telemetry/finished-turn.ts';
import { type PlacedCall, type ToolExchange, withCall } from '../turns/history.ts';

export interface ReplyToolsOptions {
  readonly clock: Clock;
  /** A tool with effects has been reached: nothing more will come before the reply is certain. */
  readonly onAwaitsSettling: () => void;
  /** Of a reply that is the answer: what its tools did as a draft is told when it becomes one. */
  readonly onCall: (call: PlacedCall) => void;
}

export class ReplyTools implements ToolHost {
  readonly #options: ReplyToolsOptions;
  readonly #committed = Promise.withResolvers<void>();
  #isCommitted = false;
  #settled = Promise.withResolvers<void>();
  #isSettled = false;
  #calls: readonly PlacedCall[] = [];
  /** When each call, by its id, was first told of, and had its outcome. */
  readonly #startedAtMs = new Map<string, number>();
  readonly #callEndedAtMs = new Map<string, number>();
  #isAwaited = false;
  #endedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReplyToolsOptions) {
    this.#options = options;
  }

  /** What the tools have done so far: another attempt of the model must know it. */
  get exchanges(): readonly ToolExchange[] {
    return this.#calls.map(({ exchange }) => exchange);
  }

  /** When each was at work; what still runs counts until `nowMs`. */
  runs(nowMs: number): readonly ToolRun[] {
    return this.exchanges.map(({ callId, tool, input, outcome }) => ({
      callId,
      tool,
      startedAtMs: this.#startedAtMs.get(callId) ?? nowMs,
      endedAtMs: this.#callEndedAtMs.get(callId) ?? nowMs,
      input,
      ...(outcome.status === 'done' && { output: outcome.output }),
      failed: outcome.status === 'failed',
    }));
  }

  get committed(): Promise<void> {
    return this.#committed.promise;
  }

  commit(): void {
    this.#isCommitted = true;
    for (const call of this.#calls) this.#options.onCall(call);
    this.#committed.resolve();
  }

  /** Tools with effects may run, or may not any more. */
  settle(settled: boolean): void {
    if (settled === this.#isSettled) return;
    this.#isSettled = settled;
    if (!settled) {
      this.#settled = Promise.withResolvers<void>();
      return;
    }
    this.#isAwaited = false;
    this.#settled.resolve();
  }

  async settled(): Promise<void> {
    // Again where the caller has spoken in the very moment.
    while (!this.#isSettled) {
      this.#isAwaited = true;
      this.#options.onAwaitsSettling();
      await this.#settled.promise;
    }
  }

  onCall(exchange: ToolExchange, afterCharacters: number): void {
    const call = { exchange, afterCharacters };
    this.#calls = withCall(this.#calls, call);
    const nowMs = this.#options.clock.nowMs();
    if (!this.#startedAtMs.has(exchange.callId)) this.#startedAtMs.set(exchange.callId, nowMs);
    if (exchange.outcome.status !== 'running') {
      this.#endedAtMs = nowMs;
      this.#callEndedAtMs.set(exchange.callId, nowMs);
    }
    if (this.#isCommitted) this.#options.onCall(call);
  }

  /** Whether the model has waited for its tools at any time in the last `ms`: what it didn't write then is not its fault. */
  haveWorkedWithin(ms: number): boolean {
    const isRunning = this.#calls.some(({ exchange }) => exchange.outcome.status === 'running');
    return this.#isAwaited || isRunning || this.#options.clock.nowMs() - this.#endedAtMs < ms;
  }
}
