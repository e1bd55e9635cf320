// How the words of a grammar are said: looked up in the CMU pronouncing dictionary that comes with the model.

import { ConfigurationError } from '../../lib/errors.ts';
import { type SpeechGrammar, vocabularyOf } from './grammar.ts';

/** Entries for the recogniser: `['for', 'F AO R'], ['for(2)', 'F ER']`. `dictionary` is the text of the CMU dictionary. */
export function pronunciationsOf(grammar: SpeechGrammar, dictionary: string): (readonly [string, string])[] {
  const known = new Map<string, string[]>();
  const vocabulary = vocabularyOf(grammar);
  for (const [, word = '', phones = ''] of dictionary.matchAll(/^([a-z'][^\s(]*)(?:\(\d+\))? +(.+)$/gm)) {
    if (vocabulary.has(word)) known.set(word, [...(known.get(word) ?? []), phones.trim()]);
  }
  return Array.from(vocabulary).flatMap((word) => {
    const variants = grammar.pronunciations?.[word] ?? known.get(word);
    if (variants === undefined) {
      throw new ConfigurationError(`Nobody knows how to say '${word}': add it to the grammar's pronunciations.`);
    }
    return variants.map((phones, index): [string, string] => [index === 0 ? word : `${word}(${index + 1})`, phones]);
  });
}
