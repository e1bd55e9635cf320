// Backchannels (the term is Yngve's, 1970): what a listener says without wanting the floor, "mhm", "yeah", "okay".
// Data per language, and whether words are nothing else.
// Leaves out: their sound. A question of one such word ("Really?") is taken for one.

import { normalised } from './same-words.ts';

/** Up to three words each, hyphens as spaces. Hesitations are among them: alone they ask for nothing. */
const BY_LANGUAGE: Readonly<Record<string, readonly string[]>> = {
  en: [
    'mhm, mm, mmm, hm, hmm, hmmm, mm hm, mm hmm, uh huh, uhhuh, huh, aha, ah, oh, ooh, uh, um, er, erm',
    'yeah, yep, yup, yes, ok, okay, right, all right, alright, sure, of course, exactly, true, really, wow',
    'i see, i know, got it, gotcha, makes sense, good, great, fine, cool, nice',
  ],
  de: [
    'mhm, mm, mmm, hm, hmm, hmmm, aha, ah, ach, oh, ach so, achso, äh, ähm, öh, öhm',
    'ja, jaja, jo, jawohl, ok, okay, gut, genau, richtig, stimmt, klar, alles klar, sicher, eben, wirklich',
    'verstehe, ich verstehe, ich weiß, schön, super, prima, toll',
  ],
};
const LONGEST_PHRASE_WORDS = 3;

/** Whether words are nothing but backchannels; no words at all are none. */
export type IsBackchannel = (text: string) => boolean;

/**
 * For a language (BCP 47) and `more` phrases. In a language without a list the phrases are all there are: any other word is
 * taken for a bid for the floor.
 */
export function backchannelsOf(languageTag: string, more: readonly string[] = []): IsBackchannel {
  const language = languageTag === 'multi' ? languageTag : new Intl.Locale(languageTag).language;
  const lists = language === 'multi' ? Object.values(BY_LANGUAGE).flat() : (BY_LANGUAGE[language] ?? []);
  const listed = lists.flatMap((list) => list.split(', '));
  const phrases = new Set([...listed, ...more].map((phrase) => wordsOf(phrase).join(' ')));
  return (text) => {
    const words = wordsOf(text);
    let from = 0;
    while (from < words.length) {
      const count = longestPhraseAt(words, from, phrases);
      if (count === 0) return false;
      from += count;
    }
    return words.length > 0;
  };
}

function longestPhraseAt(words: readonly string[], from: number, phrases: ReadonlySet<string>): number {
  for (let count = Math.min(LONGEST_PHRASE_WORDS, words.length - from); count > 0; count -= 1) {
    if (phrases.has(words.slice(from, from + count).join(' '))) return count;
  }
  return 0;
}

function wordsOf(text: string): readonly string[] {
  return normalised(text)
    .split(/[\s-]+/)
    .filter((word) => word !== '');
}
