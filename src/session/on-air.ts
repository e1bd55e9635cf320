// What the agent said in the last seconds, and when it was to be heard: sound by stretches, words by the instant at which
// they had been played.

import { levelDbfs } from '../audio/level.ts';

/** Longer than an utterance in which an echo could be taken for words; what is older is forgotten. */
const MEMORY_MS = 20_000;
/** A pause of the agent's that is no longer than one between two phrases doesn't end a stretch. */
const PAUSE_MS = 700;
/** Of a frame that is to be heard at all. */
const AUDIBLE_DBFS = -60;
/** A word is known to have been played once its last character has, and a recogniser may give its beginning too late. */
const EARLIER_MS = 1000;

interface Stretch {
  readonly fromMs: number;
  untilMs: number;
}

export class OnAir {
  readonly #stretches: Stretch[] = [];
  readonly #words: { readonly atMs: number; readonly text: string }[] = [];
  #reply: { readonly id: number; readonly heardText: string } = { id: 0, heardText: '' };

  /** A frame was sent. */
  sounded(frame: Int16Array, atMs: number): void {
    if (levelDbfs(frame) < AUDIBLE_DBFS) return;
    const last = this.#stretches.at(-1);
    if (last !== undefined && atMs - last.untilMs < PAUSE_MS) last.untilMs = atMs;
    else this.#stretches.push({ fromMs: atMs, untilMs: atMs });
    while ((this.#stretches[0]?.untilMs ?? atMs) < atMs - MEMORY_MS) this.#stretches.shift();
  }

  /** What was heard of a reply so far, growing. */
  spoken(replyId: number, heardText: string, nowMs: number): void {
    const known = this.#reply.id === replyId ? this.#reply.heardText.length : 0;
    if (heardText.length <= known) return;
    this.#words.push({ atMs: nowMs, text: heardText.slice(known) });
    this.#reply = { id: replyId, heardText };
    while ((this.#words[0]?.atMs ?? nowMs) < nowMs - MEMORY_MS) this.#words.shift();
  }

  /** Whether there was sound, or a short pause, all the time between two instants. */
  covers(fromMs: number, untilMs: number): boolean {
    return this.#stretches.some(
      (stretch) => stretch.fromMs <= fromMs && untilMs <= stretch.untilMs && fromMs <= stretch.untilMs,
    );
  }

  /** What was said between two instants, and shortly before. */
  wordsBetween(fromMs: number, untilMs: number): string {
    return this.#words
      .filter(({ atMs }) => atMs >= fromMs - EARLIER_MS && atMs <= untilMs)
      .map(({ text }) => text)
      .join(' ');
  }
}
