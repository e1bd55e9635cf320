// From flite's audio to what is played: silence trimmed, cut into one piece per word, each with its characters. Pure.
// flite gives no word boundaries: between pauses, time is shared out by the length of the words, which is right to
// about a word.

import { audibleSpan, type SampleSpan as Span } from '../trim.ts';
import { OFFLINE_VOICE_RATE_HZ, type Phone, type Synthesis } from './flite.ts';

/** Samples [startSample, endSample) speak characters [characterStart, characterEnd) of the chunk. */
export interface Piece {
  readonly startSample: number;
  readonly endSample: number;
  readonly characterStart: number;
  readonly characterEnd: number;
}

const SAMPLES_PER_MS = OFFLINE_VOICE_RATE_HZ / 1000;
/** Pauses after a chunk, about what a calm speaker leaves. */
const SENTENCE_PAUSE_MS = 250;
const CLAUSE_PAUSE_MS = 120;
const PHRASE_PAUSE_MS = 20;
/** A digit is read as a word of its own. */
const LETTERS_PER_DIGIT = 4;

/** The pieces of `text` as `synthesis` speaks it, in order; the last is the pause after it. Empty where nothing sounds. */
export function piecesOf(text: string, { samples, phones }: Synthesis): Piece[] {
  const audible = audibleSpan(samples, OFFLINE_VOICE_RATE_HZ);
  if (audible === undefined) return [];
  const words = wordSpans(text);
  const cuts = wordCuts(text, words, { phones, audible });
  const pieces = words.map((word, index) => ({
    startSample: cuts[index] ?? audible.start,
    endSample: cuts[index + 1] ?? audible.end,
    characterStart: index === 0 ? 0 : word.start,
    characterEnd: words[index + 1]?.start ?? text.length,
  }));
  const pauseEnd = Math.min(samples.length, audible.end + pauseMsAfter(text) * SAMPLES_PER_MS);
  const pause = {
    startSample: audible.end,
    endSample: pauseEnd,
    characterStart: text.length,
    characterEnd: text.length,
  };
  return pauseEnd > audible.end ? [...pieces, pause] : pieces;
}

function wordSpans(text: string): Span[] {
  const spans = Array.from(text.matchAll(/\S+/gu), ({ index, 0: word }) => ({
    start: index,
    end: index + word.length,
  }));
  return spans.filter(({ start, end }) => /[\p{L}\p{N}]/u.test(text.slice(start, end)));
}

/** Where each word begins, and where the last one ends. */
function wordCuts(
  text: string,
  words: readonly Span[],
  { phones, audible }: { readonly phones: readonly Phone[]; readonly audible: Span },
): number[] {
  const groups = clauses(text, words);
  const stretches = soundingStretches(phones, audible);
  // Where flite paused at other places than the punctuation says, the whole is shared out evenly.
  const matched = groups.length === stretches.length;
  const pairs = matched
    ? groups.map((group, index) => ({ group, stretch: stretches[index] ?? audible }))
    : [{ group: words, stretch: audible }];
  const cuts = pairs.flatMap(({ group, stretch }) => {
    const weights = group.map(({ start, end }) => weightOf(text.slice(start, end)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let before = 0;
    return weights.map((weight) => {
      const cut = stretch.start + Math.round(((stretch.end - stretch.start) * before) / total);
      before += weight;
      return cut;
    });
  });
  return [audible.start, ...cuts.slice(1), audible.end];
}

/** The words in groups that end with punctuation. */
function clauses(text: string, words: readonly Span[]): Span[][] {
  const groups: Span[][] = [[]];
  for (const [index, word] of words.entries()) {
    groups.at(-1)?.push(word);
    const gap = text.slice(word.end - 1, words[index + 1]?.start ?? word.end);
    if (index < words.length - 1 && /[,;:.!?…–—]/u.test(gap)) groups.push([]);
  }
  return groups;
}

/** The audible part without flite's pauses. */
function soundingStretches(phones: readonly Phone[], audible: Span): Span[] {
  const stretches: Span[] = [];
  let start = 0;
  for (const [index, { name, endSample }] of phones.entries()) {
    const phoneStart = phones[index - 1]?.endSample ?? 0;
    if (name === 'pau') {
      if (phoneStart > start) stretches.push({ start, end: phoneStart });
      start = endSample;
    }
  }
  const last = phones.at(-1)?.endSample ?? 0;
  if (last > start) stretches.push({ start, end: last });
  return stretches
    .map((stretch) => ({ start: Math.max(stretch.start, audible.start), end: Math.min(stretch.end, audible.end) }))
    .filter((stretch) => stretch.end > stretch.start);
}

function weightOf(word: string): number {
  const digits = word.match(/\p{N}/gu)?.length ?? 0;
  const letters = word.match(/\p{L}/gu)?.length ?? 0;
  return letters + digits * LETTERS_PER_DIGIT;
}

function pauseMsAfter(text: string): number {
  if (/[.!?…]["'”’)\]]*\s*$/u.test(text)) return SENTENCE_PAUSE_MS;
  return /[,;:–—]["'”’)\]]*\s*$/u.test(text) ? CLAUSE_PAUSE_MS : PHRASE_PAUSE_MS;
}
