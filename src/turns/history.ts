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
