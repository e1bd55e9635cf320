// The recogniser's grammar: the sentences that an agent understands, beside a loop of bare phones ('garbage') that
// takes all other speech, so that it is rejected instead of being forced into a sentence. JSGF 1.0.

/** What a caller may say. Phrases are JSGF expansions in lower case: `(a | b)`, `[x]`, `<rule>`, `x+`. */
export interface SpeechGrammar {
  readonly sentences: readonly string[];
  /** Phrases by name. Names are lower case with underscores. */
  readonly rules: Readonly<Record<string, string>>;
  /** What may come before and after any sentence. */
  readonly lead?: string;
  readonly tail?: string;
  /** Pronunciations of words that the English dictionary lacks, in ARPAbet: `{ wifi: ['W AY F AY'] }`. */
  readonly pronunciations?: Readonly<Record<string, readonly string[]>>;
}

/** The 39 phones of the English model (ARPAbet without stress). */
export const PHONES =
  'AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH'.split(' ');

export interface GarbageWeights {
  /** Probability of entering the loop instead of a sentence. */
  readonly enter: number;
  /** Probability of each further phone. */
  readonly phone: number;
}

/**
 * Found by trying speech inside against speech outside the grammar, clean and in noise: `bench/offline-speech.ts`. What each
 * phone costs grows with the speech, as its advantage in noise does; what entering costs doesn't.
 */
export const GARBAGE_WEIGHTS: GarbageWeights = { enter: 1e-10, phone: 1e-4 };

/** Probability of a lead or a tail: low, or every breath becomes a 'hi' and every unknown ending a 'thank you'. */
const POLITE_WEIGHT = 1e-4;

const GARBAGE_PREFIX = 'garbage_';

/** A word of the garbage loop. */
export function isGarbage(word: string): boolean {
  return word.startsWith(GARBAGE_PREFIX);
}

/** Dictionary entries of the garbage loop: word and pronunciation. */
export const garbageWords: readonly (readonly [string, string])[] = PHONES.map((phone) => [
  `${GARBAGE_PREFIX}${phone.toLowerCase()}`,
  phone,
]);

/** The whole grammar as JSGF text. */
export function jsgfOf(grammar: SpeechGrammar, weights: GarbageWeights = GARBAGE_WEIGHTS): string {
  const { sentences, rules, lead, tail } = grammar;
  const own = Object.entries(rules).map(([name, phrase]) => `<${name}> = ${phrase};`);
  return [
    '#JSGF V1.0;',
    'grammar offline;',
    `public <utterance__> = ${optional(lead)} <sentence__> ${optional(tail)} | /${weights.enter}/ <garbage__>;`,
    `<sentence__> = ${sentences.map((sentence) => `( ${sentence} )`).join(' | ')};`,
    `<garbage__> = <phone__> | /${weights.phone}/ <phone__> <garbage__>;`,
    `<phone__> = ${garbageWords.map(([word]) => word).join(' | ')};`,
    ...own,
  ].join('\n');
}

/** Every word that the grammar uses. */
export function vocabularyOf({ sentences, rules, lead = '', tail = '' }: SpeechGrammar): Set<string> {
  const phrases = [...sentences, ...Object.values(rules), lead, tail].join(' ').replaceAll(/<[^>]*>/g, ' ');
  return new Set(phrases.match(/[a-z']+/g));
}

function optional(phrase: string | undefined): string {
  return phrase === undefined ? '' : `( /1/ <NULL> | /${POLITE_WEIGHT}/ ( ${phrase} ) )`;
}
