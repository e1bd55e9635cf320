// A small notation for what people say, a subset of JSGF (Java Speech Grammar Format 1.0), so that the same table
// serves the recogniser as grammar and the front desk as matcher:
// `(a | b)` alternatives, `[x]` optional, `<rule>` another phrase, `x+` once or more. Left out: weights, tags, imports.

import { expandContractions } from './normalise.ts';

/** Phrases by name; a phrase mentions another one as `<name>`. */
export type Rules = Readonly<Record<string, string>>;

type Phrase =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'sequence'; readonly parts: readonly Phrase[] }
  | { readonly kind: 'choice'; readonly options: readonly Phrase[] }
  | { readonly kind: 'repeat'; readonly part: Phrase }
  | { readonly kind: 'rule'; readonly name: string };

const NOTHING: Phrase = { kind: 'sequence', parts: [] };

/** A rule that took part in a match, with the words it stands for. */
export interface Slot {
  readonly name: string;
  readonly text: string;
}

export interface Match {
  /** Index of the first word after the match. */
  readonly end: number;
  /** In spoken order; an outer rule comes after the ones inside it. */
  readonly slots: readonly Slot[];
}

/** Compiled phrases over a common set of rules. */
export class PhraseBook {
  readonly #rules = new Map<string, Phrase>();

  constructor(rules: Rules) {
    for (const [name, source] of Object.entries(rules)) this.#rules.set(name, parsePhrase(source));
  }

  /** Compiles one phrase. Throws on a slip in the notation or an unknown rule: the table is part of the program. */
  matcher(source: string): (words: readonly string[], start: number) => Iterable<Match> {
    const phrase = parsePhrase(source);
    return (words, start) => this.#match(phrase, words, { end: start, slots: [] });
  }

  *#match(phrase: Phrase, words: readonly string[], from: Match): Generator<Match, void, undefined> {
    switch (phrase.kind) {
      case 'word':
        if (words[from.end] === phrase.word) yield { end: from.end + 1, slots: from.slots };
        return;
      case 'choice':
        for (const option of phrase.options) yield* this.#match(option, words, from);
        return;
      case 'sequence':
        yield* this.#matchParts(phrase.parts, words, from);
        return;
      case 'repeat':
        for (const once of this.#match(phrase.part, words, from)) {
          if (once.end > from.end) yield* this.#match(phrase, words, once);
          yield once;
        }
        return;
      case 'rule': {
        const rule = this.#rules.get(phrase.name);
        if (rule === undefined) throw new Error(`no rule <${phrase.name}>`);
        for (const { end, slots } of this.#match(rule, words, from)) {
          yield { end, slots: [...slots, { name: phrase.name, text: words.slice(from.end, end).join(' ') }] };
        }
      }
    }
  }

  *#matchParts(parts: readonly Phrase[], words: readonly string[], from: Match): Generator<Match, void, undefined> {
    const [first, ...rest] = parts;
    if (first === undefined) yield from;
    else for (const next of this.#match(first, words, from)) yield* this.#matchParts(rest, words, next);
  }
}

/** The words that a phrase itself holds, those of its rules left out, contractions as they are written. */
export function wordsOf(source: string): string[] {
  return source.replaceAll(/<[^>]*>/g, ' ').match(/[a-z']+/g) ?? [];
}

function parsePhrase(source: string): Phrase {
  const tokens = source.match(/<[a-z_]+>|[a-z']+|\S/g) ?? [];
  let at = 0;

  const choice = (closing: string | undefined): Phrase => {
    const options = [sequence()];
    while (tokens[at] === '|') {
      at += 1;
      options.push(sequence());
    }
    if (tokens[at] !== closing) throw new Error(`unexpected ${tokens[at] ?? 'end'} in phrase: ${source}`);
    at += 1;
    const [only = NOTHING] = options;
    return options.length === 1 ? only : { kind: 'choice', options };
  };

  const sequence = (): Phrase => {
    const parts: Phrase[] = [];
    for (let token = tokens[at]; token !== undefined && !['|', ')', ']'].includes(token); token = tokens[at]) {
      at += 1;
      parts.push(suffixed(item(token)));
    }
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: 'sequence', parts };
  };

  const suffixed = (part: Phrase): Phrase => {
    if (tokens[at] !== '+') return part;
    at += 1;
    return { kind: 'repeat', part };
  };

  const item = (token: string): Phrase => {
    if (token === '(') return choice(')');
    if (token === '[') return { kind: 'choice', options: [choice(']'), NOTHING] };
    if (token.startsWith('<')) return { kind: 'rule', name: token.slice(1, -1) };
    if (!/^[a-z']+$/.test(token)) throw new Error(`unexpected ${token} in phrase: ${source}`);
    const words = expandContractions([token]).map((word): Phrase => ({ kind: 'word', word }));
    return { kind: 'sequence', parts: words };
  };

  return choice(undefined);
}
