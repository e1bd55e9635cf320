// Keys of a telephone (DTMF) within a caller's turn: where they stand among the words, and how a model reads them.
// `my number is [keypad: 123#] thanks`: keys in a row are one, in brackets, so that they differ from digits that were spoken.

import type { DtmfKey } from '../rtp/dtmf.ts';
import type { SpokenWord } from './events.ts';

export interface KeyPress {
  readonly key: DtmfKey;
  /** Audio time when it was pressed: extended RTP timestamp. */
  readonly timestamp: number;
  readonly pressedAtMs: number;
  /** How much of the turn's voice was before it, in RTP ticks. */
  readonly voicedTicks: number;
  /** How many words of the turn are before it. */
  readonly wordCount: number;
  /** The words around it are final: it keeps its place. */
  readonly isPlaced: boolean;
}

/** What the recogniser makes of the audio since its last final. */
export interface HeardWords {
  /** Words of the turn that were final before. */
  readonly countBefore: number;
  readonly text: string;
  /** Those of `text` with their times, if they are known. */
  readonly words?: readonly SpokenWord[] | undefined;
  /** The audio is recognised up to here. */
  readonly endTimestamp: number;
  readonly isFinal: boolean;
  /** Voice of the whole turn so far. */
  readonly voicedTicks: number;
}

/** Puts the keys among words that have come. Words come later than keys, and may be revised: keys move with them. */
export function placeKeys(keys: readonly KeyPress[], heard: HeardWords): readonly KeyPress[] {
  return keys.map((key) => {
    if (key.isPlaced) return key;
    const isPlaced = heard.isFinal && heard.endTimestamp >= key.timestamp;
    return { ...key, wordCount: heard.countBefore + wordsBefore(key, heard), isPlaced };
  });
}

/**
 * By the times of the words; where there are none, by how much of the voice was before the key; where there was no voice
 * that the detector has noticed, it stays where it was.
 */
function wordsBefore(key: KeyPress, { countBefore, text, words = [], endTimestamp, voicedTicks }: HeardWords): number {
  const count = wordCount(text);
  if (endTimestamp <= key.timestamp) return count;
  if (words.length > 0) {
    const before = words.filter((word) => (word.startTimestamp + word.endTimestamp) / 2 < key.timestamp).length;
    return Math.min(count, before);
  }
  if (voicedTicks === 0) return Math.min(count, Math.max(0, key.wordCount - countBefore));
  const share = Math.min(1, key.voicedTicks / voicedTicks);
  return Math.max(0, Math.round((countBefore + count) * share) - countBefore);
}

/** The words with the keys in their places. */
export function withKeys(text: string, keys: readonly KeyPress[]): string {
  if (keys.length === 0) return text;
  const parts = wordsOf(text).map((word, index) => keysAt(keys, (count) => count === index) + word);
  const last = keysAt(keys, (count) => count >= parts.length);
  return joinRuns([...parts, last].join(' ').trim());
}

/** The words alone. */
export function withoutKeys(text: string): string {
  return text.replaceAll(/\[keypad: [^\]]*\] ?/g, '').trim();
}

/** Words and keys in a row are told apart by spaces, as `withKeys` counts them. */
export function wordCount(text: string): number {
  return wordsOf(text).length;
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function keysAt(keys: readonly KeyPress[], isHere: (count: number) => boolean): string {
  const pressed = keys.filter((key) => isHere(key.wordCount)).map(({ key }) => key);
  return pressed.length === 0 ? '' : `[keypad: ${pressed.join('')}] `;
}

/** A run goes on across the end of a turn that was taken back. */
function joinRuns(text: string): string {
  return text.replaceAll(/\]\s+\[keypad: /g, '');
}
