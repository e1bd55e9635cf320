// The conversation as it was heard. What was generated but never reached the caller's ear is not in it.

export type Message =
  | { readonly role: 'user'; readonly text: string }
  /** Only what the caller heard. `interrupted`: the caller spoke before the reply had ended. */
  | { readonly role: 'assistant'; readonly text: string; readonly interrupted: boolean }
  | ToolExchange;

/** A call of a tool and what came of it: one message, so that nothing can part them. A fact, whatever was heard. */
export interface ToolExchange {
  readonly role: 'tool';
  /** As the model named the call. */
  readonly callId: string;
  readonly tool: string;
  readonly input: Json;
  /** The model made this call and the one before it at once. */
  readonly withPrevious: boolean;
  readonly outcome: ToolOutcome;
}

export type ToolOutcome =
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly output: Json }
  /** `reason` is written for the model. */
  | { readonly status: 'failed'; readonly reason: string };

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A call of the reply under way; `afterCharacters`: how much of its text had been written before. */
export interface PlacedCall {
  readonly exchange: ToolExchange;
  readonly afterCharacters: number;
}

/** Stands in the history for words of the caller that could not be recognised. */
export const UNINTELLIGIBLE = '(unintelligible)';

export type History = readonly Message[];

export function withCaller(history: History, text: string): History {
  return [...history, { role: 'user', text }];
}

/** Adds what was heard of a reply and the tools that it called, each where it stood in the text; nothing where nothing was. */
export function withHeard(
  history: History,
  heardText: string,
  interrupted: boolean,
  calls: readonly PlacedCall[] = [],
): History {
  const added: Message[] = [];
  let from = 0;
  const addText = (until: number): void => {
    const text = heardText.slice(from, until).trim();
    // Where the caller interrupted: at the end of what was heard, wherever in the reply that is.
    const isLast = heardText.slice(until).trim() === '';
    if (text !== '') added.push({ role: 'assistant', text, interrupted: interrupted && isLast });
    from = Math.max(from, until);
  };
  for (const { exchange, afterCharacters } of calls) {
    addText(afterCharacters);
    added.push(exchange);
  }
  addText(heardText.length);
  return added.length === 0 ? history : [...history, ...added];
}

/** The calls of the reply under way with a new one, or with what came of one of them. */
export function withCall(calls: readonly PlacedCall[], call: PlacedCall): readonly PlacedCall[] {
  const index = calls.findLastIndex(({ exchange }) => isOutcomeOf(call.exchange, exchange));
  return index === -1 ? [...calls, call] : calls.with(index, call);
}

/** What came of a call whose reply is over. */
export function withLateOutcome(history: History, exchange: ToolExchange): History {
  const index = history.findLastIndex((message) => message.role === 'tool' && isOutcomeOf(exchange, message));
  return index === -1 ? [...history, exchange] : history.with(index, exchange);
}

/** A deadline may have been taken for the outcome; what the tool did after all stands above it. */
function isOutcomeOf(later: ToolExchange, earlier: ToolExchange): boolean {
  return later.callId === earlier.callId && later.tool === earlier.tool && earlier.outcome.status !== 'done';
}

/** Takes back the caller's last message, where nothing was heard after it. The tools that have run stay. */
export function withoutLastCaller(history: History): History {
  const index = history.findLastIndex(({ role }) => role !== 'tool');
  return history[index]?.role === 'user' ? history.toSpliced(index, 1) : history;
}

export interface HistoryBudget {
  /** Estimated tokens of all messages together, without the instructions. */
  readonly maxTokens: number;
}

/**
 * The end of the history that fits the budget, cut between exchanges: an exchange is a message of the caller and all that
 * follows it up to the next one, so that no answer loses its question and no tool's result its call. The last exchange stays
 * even where it alone is larger. What goes, goes in large steps: once over the budget, down to half of it. So the
 * beginning of the prompt stays the same for many turns, and prompt caches hit; where to cut depends on the messages
 * alone, so that a history that has grown is cut where it was cut before.
 */
export function withinBudget(history: History, { maxTokens }: HistoryBudget): History {
  let start = 0;
  let tokens = 0;
  let exchangeStart = 0;
  for (const [index, message] of history.entries()) {
    if (message.role === 'user') exchangeStart = index;
    tokens += tokensOf(message);
    if (tokens <= maxTokens) continue;
    while (start < exchangeStart && tokens > maxTokens / 2) {
      const next = nextExchange(history, start);
      for (const dropped of history.slice(start, next)) tokens -= tokensOf(dropped);
      start = next;
    }
  }
  return start === 0 ? history : history.slice(start);
}

/** Where the exchange after the one at `start` begins; there is one. */
function nextExchange(history: History, start: number): number {
  return history.findIndex((message, index) => index > start && message.role === 'user');
}

/** Estimated, without the instructions. */
export function historyTokens(history: History): number {
  return history.reduce((sum, message) => sum + tokensOf(message), 0);
}

/** Role and separators of a message, as chat templates write them. */
const TOKENS_PER_MESSAGE = 4;

function tokensOf(message: Message): number {
  if (message.role !== 'tool') return TOKENS_PER_MESSAGE + estimatedTokens(message.text);
  const { tool, input, outcome } = message;
  // Two messages in the prompt: the call and its result.
  return 2 * TOKENS_PER_MESSAGE + estimatedTokens(tool + JSON.stringify(input) + JSON.stringify(outcome));
}

/**
 * An estimate that needs no tokenizer, which every model has of its own: four characters of Latin script a token
 * (https://help.openai.com/en/articles/4936856), one of any other, which is more than tokenizers make of most.
 */
export function estimatedTokens(text: string): number {
  const otherCount = text.match(/[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/gu)?.length ?? 0;
  return otherCount + Math.ceil((text.length - otherCount) / 4);
}
