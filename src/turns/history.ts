// The conversation as it was heard. What was generated but never reached the caller's ear is not in it.

export type Message =
  | { readonly role: 'user'; readonly text: string }
  /** Only what the caller heard. `interrupted`: the caller spoke before the reply had ended. */
  | { readonly role: 'assistant'; readonly text: string; readonly interrupted: boolean };

/** Stands in the history for words of the caller that could not be recognised. */
export const UNINTELLIGIBLE = '(unintelligible)';

export type History = readonly Message[];

export function withCaller(history: History, text: string): History {
  return [...history, { role: 'user', text }];
}

/** Adds what was heard of a reply; nothing where nothing was. */
export function withHeard(history: History, heardText: string, interrupted: boolean): History {
  const text = heardText.trim();
  return text === '' ? history : [...history, { role: 'assistant', text, interrupted }];
}

/** Takes back the caller's last message, where it is the last one: the caller went on before anything was heard. */
export function withoutLastCaller(history: History): History {
  return history.at(-1)?.role === 'user' ? history.slice(0, -1) : history;
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

/** Role and separators of a message, as chat templates write them. */
const TOKENS_PER_MESSAGE = 4;

function tokensOf({ text }: Message): number {
  return TOKENS_PER_MESSAGE + estimatedTokens(text);
}

/**
 * An estimate that needs no tokenizer, which every model has of its own: four characters of Latin script a token
 * (https://help.openai.com/en/articles/4936856), one of any other, which is more than tokenizers make of most.
 */
export function estimatedTokens(text: string): number {
  const otherCount = text.match(/[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/gu)?.length ?? 0;
  return otherCount + Math.ceil((text.length - otherCount) / 4);
}
