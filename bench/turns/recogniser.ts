// A streaming recogniser with set delays that behaves as services do: an interim for each word and every 100 ms also in
// silence; the last word of an interim may be wrong; finals join and split words and have full stops; some interims are late,
// some finals come unasked. Leaves out: faults (test/sim/faults.test.ts).

import type { AudioFrame } from '../../src/audio/frame.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { BoundedQueue } from '../../src/lib/queue.ts';
import { FRAME_TICKS } from '../../src/rtp/packet.ts';
import type { SpeechToText, SttEvent, SttStream } from '../../src/stt/port.ts';
import type { ProviderProfile } from './profiles.ts';
import type { Random } from './random.ts';
import { FRAME_MS } from './script.ts';
import type { ScriptedWord } from './script.ts';
import { wordOf } from './sound.ts';

/** A word as the caller has said it, or is saying it; numbered from 1 by its place in the list. */
export type SpokenWords = readonly ScriptedWord[];

const COVER_PERIOD_FRAMES = 5;
/** So long after the last word interims still tell that nothing more was said. */
const COVERS_FOR_FRAMES = 150;
/** In some pauses the service ends the segment by itself, so soon after a word; the one that is asked for then is empty. */
const UNASKED_AFTER_FRAMES = 3;
const UNASKED_RATIO = 0.15;
const LATE_RATIO = 0.1;
const LATE_BY_MS = 300;

export interface StandInOptions {
  readonly clock: Clock;
  readonly profile: ProviderProfile;
  readonly random: Random;
}

export class RecogniserStandIn implements SpeechToText {
  readonly name = 'stand-in';
  readonly wordTimes = false;
  readonly finalsAtPauses = true;
  readonly #options: StandInOptions;
  readonly #spoken: SpokenWords;

  /** `spoken`: grows as the caller speaks. */
  constructor(spoken: SpokenWords, options: StandInOptions) {
    this.#spoken = spoken;
    this.#options = options;
  }

  open(): Promise<SttStream> {
    return Promise.resolve(new StandInStream(this.#spoken, this.#options));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class StandInStream implements SttStream {
  readonly events = new BoundedQueue<SttEvent>(1000);
  readonly #options: StandInOptions;
  readonly #spoken: SpokenWords;
  /** Since the last final was asked for. */
  #words: ScriptedWord[] = [];
  #word = 0;
  #wordFrames = 0;
  #frames = 0;
  #lastWordAtFrame = -COVERS_FOR_FRAMES;
  #endTimestamp = 0;
  /** Interims come in order, finals too, and a final before the interims of what follows it. */
  #interimDueAtMs = 0;
  #finalDueAtMs = 0;
  #askedFinals = 0;
  #toldFinals = 0;

  constructor(spoken: SpokenWords, options: StandInOptions) {
    this.#spoken = spoken;
    this.#options = options;
  }

  write({ samples, timestamp }: AudioFrame): void {
    this.#frames += 1;
    this.#endTimestamp = timestamp + FRAME_TICKS;
    const isNew = this.#recognise(wordOf(samples));
    const isCover =
      this.#frames % COVER_PERIOD_FRAMES === 0 && this.#frames - this.#lastWordAtFrame < COVERS_FOR_FRAMES;
    if (isNew || isCover) this.#tellInterim(isNew);
    const isPause = this.#frames - this.#lastWordAtFrame === UNASKED_AFTER_FRAMES && this.#word === 0;
    if (isPause && this.#words.length > 0 && this.#options.random.chance(UNASKED_RATIO)) this.#tellFinal(false);
  }

  finalize(): void {
    this.#tellFinal(true);
  }

  close(): void {
    this.events.close();
  }

  #tellFinal(answersFinalize: boolean): void {
    const { clock, profile, random } = this.#options;
    const final: SttEvent = {
      type: 'final',
      text: finalText(this.#words),
      words: [],
      endTimestamp: this.#endTimestamp,
      rejected: false,
      answersFinalize,
    };
    this.#words = [];
    this.#askedFinals += 1;
    this.#finalDueAtMs = Math.max(this.#finalDueAtMs, clock.nowMs() + profile.recognitionMs(random));
    clock.after(this.#finalDueAtMs - clock.nowMs(), () => {
      this.#toldFinals += 1;
      this.events.push(final);
    });
  }

  /** A word is recognised once all of it has been heard. */
  #recognise(word: number): boolean {
    this.#wordFrames = word === this.#word ? this.#wordFrames + 1 : 1;
    this.#word = word;
    const spoken = word === 0 ? undefined : this.#spoken[word - 1];
    if (spoken === undefined || this.#wordFrames * FRAME_MS !== spoken.ms) return false;
    this.#words.push(spoken);
    this.#lastWordAtFrame = this.#frames;
    return true;
  }

  /** One that is late holds up those behind it, and comes to nothing if a final overtakes it. */
  #tellInterim(mayBeLate: boolean): void {
    const { clock, profile, random } = this.#options;
    const text = interimText(this.#words);
    const endTimestamp = this.#endTimestamp;
    const finalsBefore = this.#askedFinals;
    const lateMs = mayBeLate && random.chance(LATE_RATIO) ? LATE_BY_MS : 0;
    const soonestAtMs = clock.nowMs() + profile.recognitionMs(random) + lateMs;
    this.#interimDueAtMs = Math.max(this.#interimDueAtMs, this.#finalDueAtMs, soonestAtMs);
    clock.after(this.#interimDueAtMs - clock.nowMs(), () => {
      if (this.#toldFinals === finalsBefore) this.events.push({ type: 'interim', text, words: [], endTimestamp });
    });
  }
}

export function interimText(words: SpokenWords): string {
  return words.map((word, index) => (index === words.length - 1 ? word.interim : word.spoken)).join(' ');
}

export function finalText(words: SpokenWords): string {
  let text = '';
  for (const [index, { final, joined }] of words.entries()) text += index === 0 || joined ? final : ` ${final}`;
  const mark = words.at(-1)?.mark ?? '';
  return text.charAt(0).toUpperCase() + text.slice(1) + mark;
}
