// A second look at words that won against the garbage loop: whether they fit the sound well enough to be believed. Pure.

import type { HeardWord } from './decoder.ts';

// Set where more than half of the wrong acceptances of `bench/offline-speech.ts` go, and no clean sentence with them:
// docs/decisions/0003.
/** No single word may fit worse. */
const WORST_FIT = 0.8;
/** Speech forced into a long sentence fits badly throughout, while a short one has no such average. */
const LONG_SENTENCE_WORDS = 6;
const LONG_SENTENCE_LOG_FIT = -0.12;

/** Whether `words` are more likely speech outside the grammar than what they say. */
export function isDoubtful(words: readonly Pick<HeardWord, 'startSample' | 'endSample' | 'fit'>[]): boolean {
  if (words.some(({ fit }) => fit < WORST_FIT)) return true;
  if (words.length < LONG_SENTENCE_WORDS) return false;
  let logFit = 0;
  let samples = 0;
  for (const { startSample, endSample, fit } of words) {
    logFit += (endSample - startSample) * Math.log(fit);
    samples += endSample - startSample;
  }
  return logFit / samples < LONG_SENTENCE_LOG_FIT;
}
