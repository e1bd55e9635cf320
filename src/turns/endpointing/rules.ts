// The rules of one language, made ready to be looked up.

import { languageRules } from './language.ts';
import type { Asked, DictatedNumber, Ending, LanguageRules, WholeTurn } from './language.ts';
import { alternatives, Phrases, wordsOf } from './words.ts';

type Sign = 'at' | 'dot' | 'sign';

/** The ones that are said: of a site, where no @ tells what it is. */
export const TOP_LEVEL_DOMAINS: ReadonlySet<string> = new Set(
  'com org net edu gov io eu de at ch uk ai app info'.split(' '),
);

export class Rules {
  readonly endings: Phrases<Ending>;
  readonly whole: Phrases<WholeTurn>;
  readonly leadIns: Phrases<'leadIn'>;
  readonly questions: Phrases<'question'>;
  readonly fronted: Phrases<'fronted'>;
  readonly requests: Phrases<'request'>;
  readonly clauseWords: Phrases<'clause'>;
  readonly finiteVerb: RegExp | undefined;
  readonly subordinators: Phrases<'subordinator'>;
  readonly mainClauses: Phrases<'main'>;
  readonly determiners: Phrases<'determiner'>;
  readonly articles: Phrases<'article'>;
  readonly adjectives: Phrases<'adjective'>;
  readonly bracket: { readonly openings: Phrases<'bracket'>; readonly verb: RegExp } | undefined;
  readonly subordinateVerb: RegExp | undefined;
  readonly digits: ReadonlySet<string>;
  readonly zeros: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
  readonly repetitions: ReadonlyMap<string, number>;
  readonly dictated: readonly { readonly number: DictatedNumber; readonly cues: Phrases<'cue'> }[];
  readonly letterNames: ReadonlySet<string>;
  readonly examples: Phrases<'example'>;
  readonly abbreviations: Phrases<'abbreviation'>;
  readonly mailSigns: Phrases<Sign>;
  readonly addressCues: Phrases<'cue'>;
  readonly mailCues: Phrases<'cue'>;
  readonly spellingCues: Phrases<'cue'>;
  readonly asks: readonly { readonly asked: Asked; readonly cues: Phrases<'cue'> }[];
  readonly yesNoOpenings: Phrases<'opening'>;
  readonly yesNoClosings: Phrases<'closing'>;
  readonly dates: Phrases<'date'>;
  readonly times: Phrases<'time'>;
  readonly relatives: ReadonlySet<string>;
  /** What numbers, addresses and domains are made of. */
  readonly dictationWords: ReadonlySet<string>;
  /** All words that the rules know. */
  readonly vocabulary: ReadonlySet<string>;

  constructor(language: LanguageRules) {
    const { dictation, yesNo, bracket } = language;
    this.endings = new Phrases(language.endings);
    this.whole = new Phrases(language.whole);
    this.leadIns = new Phrases({ leadIn: language.leadIns });
    this.questions = new Phrases({ question: language.questions });
    this.fronted = new Phrases({ fronted: language.fronted });
    this.requests = new Phrases({ request: language.requests });
    this.clauseWords = new Phrases({ clause: language.clauseWords });
    this.finiteVerb = language.finiteVerb;
    this.subordinators = new Phrases({ subordinator: language.subordinators });
    this.mainClauses = new Phrases({ main: language.mainClauses });
    this.determiners = new Phrases({ determiner: language.determiners });
    this.articles = new Phrases({ article: language.articles });
    this.adjectives = new Phrases({ adjective: language.adjectives });
    this.bracket = bracket && { openings: new Phrases({ bracket: bracket.openings }), verb: bracket.verb };
    this.subordinateVerb = language.subordinateVerb;
    this.digits = new Set(dictation.digits.flatMap(alternatives));
    this.zeros = new Set(dictation.zeros);
    this.numbers = new Set(dictation.numbers.flatMap(alternatives));
    this.repetitions = new Map(Object.entries(dictation.repetitions));
    this.dictated = dictation.dictated.map((number) => ({ number, cues: new Phrases({ cue: number.cues }) }));
    this.letterNames = new Set(dictation.letterNames.flatMap(alternatives));
    this.examples = new Phrases({ example: dictation.examples });
    this.abbreviations = new Phrases({ abbreviation: dictation.abbreviations });
    this.mailSigns = new Phrases({ at: dictation.at, dot: dictation.dot, sign: dictation.signs });
    this.addressCues = new Phrases({ cue: dictation.addressCues });
    this.mailCues = new Phrases({ cue: dictation.mailCues });
    this.spellingCues = new Phrases({ cue: dictation.spellingCues });
    this.asks = keysOf(language.asks).map((asked) => ({ asked, cues: new Phrases({ cue: language.asks[asked] }) }));
    this.yesNoOpenings = new Phrases({ opening: yesNo.openings });
    this.yesNoClosings = new Phrases({ closing: yesNo.closings });
    this.dates = new Phrases({ date: language.dates });
    this.times = new Phrases({ time: language.times });
    this.relatives = new Set(language.relatives);
    const signs = [...dictation.at, ...dictation.dot, ...dictation.signs];
    this.dictationWords = new Set([
      ...this.digits,
      ...this.numbers,
      ...this.repetitions.keys(),
      ...signs,
      ...TOP_LEVEL_DOMAINS,
    ]);
    this.vocabulary = new Set(phrasesIn(language).flatMap(alternatives).flatMap(wordsOf));
  }

  /** "four", "4", "7:30" */
  isNumber(word: string): boolean {
    return /^[+$€£]?\d[\d.,:/-]*$/u.test(word) || this.digits.has(word) || this.numbers.has(word);
  }
}

const known = new Map<LanguageRules, Rules>();

/** By the language of a BCP 47 tag; made once, which takes some 10 ms. Undefined where there are none. */
export function rulesFor(languageTag: string): Rules | undefined {
  const language = languageRules(languageTag);
  if (language === undefined) return undefined;
  const rules = known.get(language) ?? new Rules(language);
  known.set(language, rules);
  return rules;
}

/** Every phrase, wherever it stands. */
function phrasesIn(data: unknown): readonly string[] {
  if (typeof data === 'string') return [data];
  if (typeof data !== 'object' || data === null || data instanceof RegExp) return [];
  return Object.values(data).flatMap(phrasesIn);
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): readonly Key[] {
  const keys: Key[] = [];
  for (const key in record) keys.push(key);
  return keys;
}
