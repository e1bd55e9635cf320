// What adaptive endpointing has to know of a language, as data: one file per language in languages/. All words are in
// lower case and without punctuation; phrases may hold alternatives, `(do|did) you`.

import { english } from './languages/en.ts';
import { german } from './languages/de.ts';

/** What the last words say about the turn. The longest phrase that fits decides. */
export type Ending =
  /** More follows: conjunctions, articles, "I want to". */
  | 'open'
  /** More follows, unless a word before stands for what is missing: "what is this for", "which one do you want". */
  | 'needsObject'
  /** The same, with a subject between: "what the price is", but not "what time is". */
  | 'needsComplement'
  /** The speaker is holding the floor: "um", "let me see". */
  | 'filler'
  /** More follows more often than not. */
  | 'hesitant'
  /** Complete, though a part of it is listed elsewhere: "I think so". */
  | 'closed'
  /** Thanks and goodbye. */
  | 'farewell';

/** What the words say where there are no others. */
export type WholeTurn =
  /** Yes, no, and their like. */
  | 'answer'
  /** Okay, I see: an answer to a question, otherwise often only a beginning. */
  | 'acknowledgement'
  /** An answer by yes or no; a beginning where nothing was asked: "I can't". */
  | 'ellipsis'
  | 'greeting'
  /** The caller asks for time: "hold on". */
  | 'wait'
  /** Anything else that is complete. */
  | 'closed';

/** What the agent has asked for. */
export type Asked = 'birthDate' | 'date' | 'time' | 'count' | 'name' | 'spelling' | 'email' | 'address';

/** A number that is dictated: in groups, with pauses between them. */
export interface DictatedNumber {
  /** Words that announce it, the caller's or the agent's. */
  readonly cues: readonly string[];
  /** How many digits it has when it is complete; none: anything is possible, hardly less than six. */
  readonly digitCounts: readonly number[];
  /** That it is complete with that many. */
  readonly probability: number;
}

export interface LanguageRules {
  readonly endings: Readonly<Record<Ending, readonly string[]>>;
  readonly whole: Readonly<Record<WholeTurn, readonly string[]>>;
  /** What may precede everything else, and is looked past: "yes", "so", "hi", "please". */
  readonly leadIns: readonly string[];
  /** What begins a question, wherever it stands: "do you", "what time". */
  readonly questions: readonly string[];
  /** Words that stand for an object at the beginning of their clause: "what", "which". They complete `needsObject`. */
  readonly fronted: readonly string[];
  /** What begins a request: "please", "tell me". */
  readonly requests: readonly string[];
  /** Words of a finite clause: subject pronouns with their contractions, auxiliaries, frequent verbs. */
  readonly clauseWords: readonly string[];
  /** Verbs by their form. */
  readonly finiteVerb?: RegExp;
  /** What begins a clause that needs another one: "if", "because". */
  readonly subordinators: readonly string[];
  /** What begins that other clause, from its fourth word on. */
  readonly mainClauses: readonly string[];
  /** Determiners that a subject begins with, where it follows a subordinate clause; none where the verb comes first (German). */
  readonly articles: readonly string[];
  /** Determiners, and the adjectives that leave a noun open after one: "a new". */
  readonly determiners: readonly string[];
  readonly adjectives: readonly string[];
  /** What begins a clause about the noun before it: "a coat that". */
  readonly relatives: readonly string[];
  /** Auxiliaries that want a verb at the end of their clause, and what such verbs look like (German). */
  readonly bracket?: { readonly openings: readonly string[]; readonly verb: RegExp };
  /** Ends of a subordinate clause with the verb last (German); a clause that ends otherwise is unfinished. */
  readonly subordinateVerb?: RegExp;
  readonly dictation: {
    /** How digits are said, "oh" among them; tens and teens; repetition ("double"). */
    readonly digits: readonly string[];
    readonly zeros: readonly string[];
    readonly numbers: readonly string[];
    readonly repetitions: Readonly<Record<string, number>>;
    readonly dictated: readonly DictatedNumber[];
    /** Names of letters that are not letters themselves: "ypsilon", "alpha". */
    readonly letterNames: readonly string[];
    /** Between a letter and its example: "as in", "for". */
    readonly examples: readonly string[];
    /** Letters that are said as a word: "p m". */
    readonly abbreviations: readonly string[];
    readonly at: readonly string[];
    readonly dot: readonly string[];
    /** Other signs of an address: underscore, hyphen. */
    readonly signs: readonly string[];
    /** What announces a street and its number, in the caller's words. */
    readonly addressCues: readonly string[];
    readonly mailCues: readonly string[];
    readonly spellingCues: readonly string[];
  };
  /** The agent's words that ask for something, in the last sentence. */
  readonly asks: Readonly<Record<Asked, readonly string[]>>;
  /** First words of a question that is answered by yes or no, and last ones that make one: "right". */
  readonly yesNo: { readonly openings: readonly string[]; readonly closings: readonly string[] };
  /** Last words of an answer about a day, and about a time of day; a time may also end in a number. */
  readonly dates: readonly string[];
  readonly times: readonly string[];
}

const LANGUAGES: Readonly<Record<string, LanguageRules>> = { en: english, de: german };

/** By the language of a BCP 47 tag. */
export function languageRules(languageTag: string): LanguageRules | undefined {
  const language = languageTag.toLowerCase().split('-')[0] ?? '';
  return Object.hasOwn(LANGUAGES, language) ? LANGUAGES[language] : undefined;
}
