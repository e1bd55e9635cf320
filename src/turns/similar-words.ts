// Whether two transcripts mean the same to whoever answers them, though not every word is the same. What is bridged is listed,
// per language: fillers, politeness, forms of yes and no, articles, contractions. Everything else has to be the same, above
// all negations, numbers, names and dates: nothing of these is on a list.

import { normalised, normalisedWords, sameWords } from './same-words.ts';

/** Symmetric. Where it isn't certain: no. */
export type SameMeaning = (one: string, other: string) => boolean;

interface Bridges {
  /** Mean nothing wherever they stand, as long as there are other words. */
  readonly empty: string;
  /** Mean nothing before other words. */
  readonly leading: string;
  /** Mean yes, or no, where nothing else is said. */
  readonly yes: string;
  readonly no: string;
  /** Said twice they are a stammer. */
  readonly repeated: string;
  /** Short for the words behind the colon. */
  readonly contractions: string;
}

/** Lower case, separated by commas. */
const BY_LANGUAGE: Readonly<Record<string, Bridges>> = {
  en: {
    empty: 'uh, uhm, um, umm, er, erm, hm, hmm, please, thanks, thank you, thank you very much, thanks a lot, the',
    leading: 'well, okay, ok, alright, all right',
    yes:
      "yes, yeah, yep, yup, ya, sure, sure thing, of course, absolutely, definitely, certainly, exactly, that's right, " +
      "that is right, that's correct, that is correct, correct, oh yes, oh yeah, yes i do, yes i am, yes i would, " +
      'yes i have, yes it is, yes that is, yes you can, yes please do, please do, go ahead, yes go ahead',
    no: 'no, nope, nah',
    repeated: 'we, an, to, of, in, on, at, my, and, is, it, can, could, would, you, that, what',
    contractions:
      "i'm: i am, i'd like: i would like, i've: i have, i'll: i will, it's: it is, that's: that is, what's: what is, " +
      "we're: we are, we'd like: we would like, you're: you are, there's: there is, don't: do not, doesn't: does not, " +
      "didn't: did not, can't: can not, cannot: can not, won't: will not, isn't: is not, aren't: are not, " +
      "wasn't: was not, haven't: have not, wanna: want to, gonna: going to",
  },
  de: {
    empty: 'äh, ähm, öh, öhm, hm, hmm, bitte, bitteschön, danke, dankeschön, danke schön, vielen dank',
    leading: 'also, na ja, naja, okay, ok, gut',
    yes:
      'ja, jo, jep, jawohl, klar, na klar, natürlich, sicher, selbstverständlich, genau, richtig, korrekt, stimmt, das stimmt, ' +
      'das ist richtig, gern, gerne, sehr gern, sehr gerne, ja gern, ja gerne, ja sehr gerne, ja das stimmt, auf jeden fall',
    no: 'nein, nö, nee',
    repeated: 'ich, wir, zu, in, im, am, und, ist, es, kann, können, sie, das, was, mein, meine',
    contractions: "geht's: geht es, gibt's: gibt es, ist's: ist es, hab: habe, ich hätt: ich hätte, nix: nichts",
  },
};

/** For a language (BCP 47, or `multi`); one without lists has no words that could be missing. */
export function similarWords(languageTag: string): SameMeaning {
  const language = languageTag === 'multi' ? languageTag : new Intl.Locale(languageTag).language;
  const lists = Object.entries(BY_LANGUAGE)
    .filter(([known]) => language === 'multi' || language === known)
    .map(([, bridges]) => readLists(bridges));
  return (one, other) => sameWords(one, other) || lists.some((list) => sameWords(core(one, list), core(other, list)));
}

type Use = 'empty' | 'leading' | 'yes' | 'no';

interface Lists {
  readonly uses: ReadonlyMap<string, Use>;
  readonly repeated: ReadonlySet<string>;
  readonly contractions: ReadonlyMap<string, string>;
}

const LONGEST_PHRASE_WORDS = 5;

function readLists({ empty, leading, yes, no, repeated, contractions }: Bridges): Lists {
  const uses = { leading, empty, no, yes } as const;
  const keys = ['empty', 'leading', 'no', 'yes'] as const;
  return {
    uses: new Map(keys.flatMap((use) => items(uses[use]).map((phrase) => [phrase, use] as const))),
    repeated: new Set(items(repeated)),
    contractions: new Map(items(contractions).map((item) => [item.split(': ')[0] ?? '', item.split(': ')[1] ?? ''])),
  };
}

/** What is left of a text without the words that mean nothing; the whole of it where nothing would be left. */
function core(text: string, lists: Lists): string {
  const words = wordsOf(text);
  return bareAnswer(words, lists) ?? stripped(words, lists) ?? normalised(text);
}

/** "yeah, thanks" → "yes". Said twice, no stays twice: what is denied again may be denied for something else. */
function bareAnswer(words: readonly Word[], { uses }: Lists): string | undefined {
  const answers: string[] = [];
  for (let at = 0; at < words.length;) {
    const found = phraseAt(words, at, uses);
    if (found === undefined) return undefined;
    if (found.use === 'yes' || found.use === 'no') answers.push(found.use);
    at += found.count;
  }
  if (answers.length === 0) return undefined;
  return answers.every((answer) => answer === 'yes') ? 'yes' : answers.join(' ');
}

function stripped(words: readonly Word[], { uses, repeated, contractions }: Lists): string | undefined {
  const kept: string[] = [];
  for (let at = 0; at < words.length;) {
    const found = phraseAt(words, at, uses);
    const isEmpty = found?.use === 'empty' || (found?.use === 'leading' && kept.length === 0);
    if (found !== undefined && isEmpty) {
      at += found.count;
      continue;
    }
    const { word } = words[at] ?? { word: '' };
    if (!(repeated.has(word) && kept.at(-1) === word)) kept.push(word);
    at += 1;
  }
  if (kept.length === 0) return undefined;
  return [...contractions]
    .reduce((text, [short, long]) => text.replaceAll(` ${short} `, ` ${long} `), spaced(kept))
    .trim();
}

/** The longest phrase that begins here. What is written like a name in the middle of a sentence may be one. */
function phraseAt(
  words: readonly Word[],
  at: number,
  uses: ReadonlyMap<string, Use>,
): { readonly use: Use; readonly count: number } | undefined {
  for (let count = Math.min(LONGEST_PHRASE_WORDS, words.length - at); count > 0; count -= 1) {
    const phrase = words.slice(at, at + count);
    const use = uses.get(phrase.map(({ word }) => word).join(' '));
    if (use !== undefined && !phrase.some(({ mayBeName }) => mayBeName)) return { use, count };
  }
  return undefined;
}

interface Word {
  readonly word: string;
  readonly mayBeName: boolean;
}

function wordsOf(text: string): readonly Word[] {
  let begins = true;
  return text.split(/\s+/u).flatMap((written) => {
    const isCapital = /^\P{L}*\p{Lu}/u.test(written) && normalised(written) !== 'i';
    const mayBeName = isCapital && !begins;
    // A comma too: "Yes, Please." is how some services write.
    begins = /[.?!…,;:]["'”’)\]]*$/u.test(written);
    return normalisedWords(written).map((word) => ({ word, mayBeName }));
  });
}

function spaced(words: readonly string[]): string {
  return ` ${words.join(' ')} `;
}

function items(list: string): readonly string[] {
  return list.split(/,\s*/u);
}
