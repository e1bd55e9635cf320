// Tools that a model may call during a reply: when they may run, how long, what becomes of them when the caller interrupts,
// and what the caller is told meanwhile. Definitions are the AI SDK's: https://ai-sdk.dev/docs/ai-sdk-core/tools-and-tool-calling
// Left out: `toModelOutput` and approval of the AI SDK, results in parts (the last one counts).

import type { ModelMessage, ToolSet, TypedToolCall } from 'ai';
import { z } from 'zod';

import type { Clock, Timer } from '../lib/clock.ts';
import { ConfigurationError } from '../lib/errors.ts';
import type { Json, ToolExchange, ToolOutcome } from '../turns/history.ts';
import type { ToolHost, ToolPause } from './port.ts';

/** How a tool behaves in a conversation. */
export interface ToolBehaviour {
  /**
   * Whether it changes the world. Then it runs only when its reply is certain to be the answer; others may run while the
   * caller still speaks, for nothing. Default true: the side on which a mistake costs only time.
   */
  readonly effects?: boolean;
  /** What becomes of it when the caller interrupts its reply. Default 'finish' with effects, 'cancel' without. */
  readonly onInterruption?: 'finish' | 'cancel';
  /**
   * After how long `filler` is said, to a caller who waits: not before the draft is the answer. Default 1000 ms: silence beyond
   * it makes people ask "Hello?".
   */
  readonly fillerAfterMs?: number;
  /** Default "One moment, please."; nothing where it is empty. */
  readonly filler?: string;
  /** How long it may take; then the model is told that it failed. Default 10 s, as long as somebody waits at the phone. */
  readonly deadlineMs?: number;
}

/** `{ ...tool({ description, inputSchema, execute }), effects: false }`, with the AI SDK's `tool`. */
export type AgentTool = ToolSet[string] & ToolBehaviour;
export type AgentTools = Readonly<Record<string, AgentTool>>;

export type ModelToolCall = TypedToolCall<ToolSet>;

/** The circumstances of the calls of one step. */
export interface ToolStep {
  readonly host: ToolHost;
  /** What the model was sent. */
  readonly messages: ModelMessage[];
  /** How much text the reply had given before. */
  readonly afterCharacters: number;
  /** The reply is over. Tools that are to finish go on. */
  readonly signal: AbortSignal;
}

interface CompleteTool extends Required<ToolBehaviour> {
  readonly execute: NonNullable<AgentTool['execute']>;
  readonly declaration: ToolSet[string];
}

/** For replies that nobody watches: tools run at once. */
export const unattended: ToolHost = {
  committed: Promise.resolve(),
  settled: () => Promise.resolve(),
  onCall: () => undefined,
};

export class Toolbox {
  /** What the model is told of the tools. Without `execute`: nothing runs unless it is run here. */
  readonly declarations: ToolSet;
  readonly #tools: ReadonlyMap<string, CompleteTool>;
  readonly #clock: Clock;

  /** Throws a `ConfigurationError` for a tool that does nothing. */
  constructor(tools: AgentTools, clock: Clock) {
    this.#clock = clock;
    this.#tools = new Map(Object.entries(tools).map(([name, tool]) => [name, complete(name, tool)]));
    this.declarations = Object.fromEntries([...this.#tools].map(([name, { declaration }]) => [name, declaration]));
  }

  get isEmpty(): boolean {
    return this.#tools.size === 0;
  }

  /**
   * Runs the calls of one step at the same time. Gives a pause where the caller should be told that it takes a moment;
   * returns what came of the calls once all have ended, early where the reply is over.
   */
  async *run(
    calls: readonly ModelToolCall[],
    step: ToolStep,
  ): AsyncGenerator<ToolPause, readonly ToolExchange[], undefined> {
    const running = calls.map((call, index) => ({
      tool: this.#tools.get(call.toolName),
      ended: this.#run(call, index > 0, step),
    }));
    const over = aborted(step.signal);
    const all = Promise.all(running.map(({ ended }) => ended));
    const filler = await this.#filler(running, step.host, Promise.race([all, over.promise]));
    if (filler !== undefined && !step.signal.aborted) yield { type: 'pause', text: `${filler} ` };
    const exchanges = await Promise.race([all, over.promise]);
    over.forget();
    return (exchanges ?? []).filter((exchange) => exchange !== undefined);
  }

  /** Undefined where the reply was over before the tool could begin. */
  async #run(call: ModelToolCall, withPrevious: boolean, step: ToolStep): Promise<ToolExchange | undefined> {
    const { host, afterCharacters, signal } = step;
    const tell = (outcome: ToolOutcome): ToolExchange => {
      const { toolCallId: callId, toolName: tool } = call;
      const exchange = { role: 'tool', callId, tool, input: inputOf(call), withPrevious, outcome } as const;
      host.onCall(exchange, afterCharacters);
      return exchange;
    };
    const tool = this.#tools.get(call.toolName);
    if (tool === undefined) {
      const names = [...this.#tools.keys()].join(', ');
      return tell({ status: 'failed', reason: `There is no tool ${call.toolName}, only: ${names}.` });
    }
    if (call.invalid === true) {
      return tell({ status: 'failed', reason: `These arguments don't fit the tool: ${saidBy(call.error)}` });
    }
    if (tool.effects) {
      const over = aborted(signal);
      await Promise.race([host.settled(), over.promise]);
      over.forget();
    }
    return signal.aborted ? undefined : this.#start(tool, call, step, tell);
  }

  /** `tell` hears of an interruption at once, in the same call. */
  #start(
    tool: CompleteTool,
    { toolCallId, input }: ModelToolCall,
    { messages, signal }: ToolStep,
    tell: (outcome: ToolOutcome) => ToolExchange,
  ): Promise<ToolExchange> {
    const { promise, resolve } = Promise.withResolvers<ToolExchange>();
    const { deadlineMs, effects, onInterruption } = tool;
    const givenUp = new AbortController();
    let isOver = false;
    const end = (outcome: ToolOutcome): void => {
      // Whatever was told at a deadline: what a tool has done after all is a fact.
      if (isOver && outcome.status !== 'done') return;
      isOver = true;
      deadline.cancel();
      signal.removeEventListener('abort', onAbort);
      resolve(tell(outcome));
    };
    const giveUp = (why: string): void => {
      const reason = effects ? `${why} It is not known whether it had its effect.` : why;
      end({ status: 'failed', reason });
      givenUp.abort();
    };
    const onAbort = (): void => {
      if (onInterruption === 'cancel') giveUp('Cancelled, because the caller interrupted.');
    };
    const deadline = this.#clock.after(deadlineMs, () => giveUp(`No result within ${deadlineMs / 1000} s.`));
    signal.addEventListener('abort', onAbort);
    tell({ status: 'running' });
    const options = { toolCallId, messages, abortSignal: givenUp.signal, context: undefined };
    void outcomeOf(async () => tool.execute(input, options)).then(end);
    return promise;
  }

  /** Resolves with what to say to a caller who has waited too long for one of the calls; undefined at `end`. */
  async #filler(
    running: readonly { readonly tool: CompleteTool | undefined; readonly ended: Promise<unknown> }[],
    { committed }: ToolHost,
    end: Promise<unknown>,
  ): Promise<string | undefined> {
    const { promise: due, resolve } = Promise.withResolvers<string>();
    const calledAtMs = this.#clock.nowMs();
    const timers: Timer[] = [];
    const start = async ({ tool, ended }: (typeof running)[number]): Promise<void> => {
      await Promise.race([committed, end]);
      if (isOver || tool === undefined || tool.filler === '') return;
      // A tool of a draft has had its time when the caller begins to wait.
      const dueInMs = calledAtMs + tool.fillerAfterMs - this.#clock.nowMs();
      const timer = this.#clock.after(Math.max(0, dueInMs), () => resolve(tool.filler));
      timers.push(timer);
      await ended;
      timer.cancel();
    };
    let isOver = false;
    for (const call of running) void start(call);
    const filler = await Promise.race([due, end.then(() => undefined)]);
    isOver = true;
    for (const timer of timers) timer.cancel();
    return filler;
  }
}

function complete(name: string, { execute, ...declaration }: AgentTool): CompleteTool {
  if (execute === undefined) throw new ConfigurationError(`The tool ${name} has no execute: say what it does.`);
  const { effects = true, fillerAfterMs = 1000, filler = 'One moment, please.', deadlineMs = 10_000 } = declaration;
  const { onInterruption = effects ? 'finish' : 'cancel' } = declaration;
  return { execute, declaration, effects, onInterruption, fillerAfterMs, filler, deadlineMs };
}

async function outcomeOf(execute: () => Promise<unknown>): Promise<ToolOutcome> {
  try {
    return { status: 'done', output: toJson(await lastOf(await execute())) };
  } catch (error) {
    return { status: 'failed', reason: `It failed: ${saidBy(error)}` };
  }
}

/** A tool may give several results, each in place of the one before. */
async function lastOf(result: unknown): Promise<unknown> {
  if (!isAsyncIterable(result)) return result;
  let last: unknown;
  for await (const item of result) last = item;
  return last;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Services refuse arguments that are no object, also where the model wrote them. */
function inputOf({ input }: ModelToolCall): Json {
  const json = toJson(input);
  return typeof json === 'object' && json !== null ? json : {};
}

/** As it would go over the wire; what has no such form is null. Throws where there is none at all, as for a circle. */
function toJson(value: unknown): Json {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? null : z.json().parse(JSON.parse(text));
}

function saidBy(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Resolves at the abort; `forget` where nobody waits for it any more. */
function aborted(signal: AbortSignal): { readonly promise: Promise<undefined>; readonly forget: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const onAbort = (): void => resolve(undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return { promise, forget: () => signal.removeEventListener('abort', onAbort) };
}
