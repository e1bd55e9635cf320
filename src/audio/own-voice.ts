// Tells the agent's own voice, returned by a loudspeaker or a phone line, from the caller's: what was played up to 0.8 s before
// is sought in what is heard by the correlation of band levels, which codecs, rooms and 8 kHz lines leave alone; the path's gain
// per band then predicts the echo, and levels beyond it are a voice. Figures: docs/decisions/0005-own-voice.md.
// Leaves out: cancelling the echo; what is heard over it stays as it came.

import { LISTENING_RATE_HZ } from './frame.ts';
import { BAND_COUNT, BandLevels, HOP_MS, HOP_SAMPLES, SILENCE_DB } from './own-voice/band-levels.ts';
import { CellClock } from './own-voice/cell-clock.ts';
import { coherence } from './own-voice/delay-search.ts';
import { EchoTracker, type CellFinding, type Content } from './own-voice/echo-tracker.ts';
import { LevelHistory } from './own-voice/level-history.ts';
import { Resampler } from './resampler.ts';

/** What one frame of the caller's audio holds. */
export interface OwnVoiceVerdict {
  /**
   * `suspected` only in the first 1.5 s of play in a call, and for 0.35 s of sound at most: until then it is known whether
   * anything comes back. `nothing` wherever nothing is played that could come back.
   */
  readonly content: Content;
  /** How alike the last 250 ms are to what was played a delay ago, 0 to 1; while no delay is known, at the likeliest one. */
  readonly coherence: number;
  /** From `played` to `heard`, to 10 ms. */
  readonly delayMs?: number;
  /** Level of the echo that was to be expected in its loudest band, dBFS as of a sine. */
  readonly echoLevelDb?: number;
  /** Level of what is beyond the echo, dBFS as of a sine; absent where nothing is. */
  readonly residualDb?: number;
}

const CELLS_PER_FRAME = 2;
const FRAME_SAMPLES = CELLS_PER_FRAME * HOP_SAMPLES;
/** The longest delay, the second that gains are learnt from, and some. */
const HISTORY_CELLS = 256;
/** What was played so long ago (1.2 s) comes back no more: the longest delay and a room's tail. */
const ECHO_CELLS = 120;
/** Played levels above this are sound (dB in a band). */
const PLAYED_SOUND_DB = -70;
const COHERENCE_CELLS = 25;
/**
 * While nothing can come back, what is heard is analysed eight frames at a time, or when something is played again: the code
 * and its tables are in the processor's caches then, so that a frame costs a third.
 */
const MOST_WAITING_FRAMES = 8;

interface WaitingFrame {
  readonly samples: Int16Array;
  /** Where it begins. */
  readonly cell: number;
}

/** The first of these that either half of a frame holds is what the frame holds. */
const ORDER: readonly Content[] = ['echo', 'suspected', 'voice'];

const NO_ECHO: OwnVoiceVerdict = { content: 'nothing', coherence: 0 };

/** Of one call: what goes out and what comes in. Pure, synchronous; times are monotonic milliseconds. */
export class OwnVoice {
  readonly #resampler: Resampler | undefined;
  readonly #playedClock = new CellClock();
  readonly #heardClock = new CellClock();
  readonly #playedLevels = new BandLevels();
  readonly #heardLevels = new BandLevels();
  readonly #played = new LevelHistory(HISTORY_CELLS);
  readonly #heard = new LevelHistory(HISTORY_CELLS);
  readonly #tracker = new EchoTracker(this.#played, this.#heard);
  readonly #levels = [new Float32Array(BAND_COUNT), new Float32Array(BAND_COUNT)] as const;
  /** Frames that were heard while nothing could come back, and are yet to be analysed. */
  #waiting: WaitingFrame[] = [];
  /** Resampled play that fills no frame yet; a bit of silence makes up for the resampler's look-ahead. */
  #pending: Int16Array = new Int16Array(FRAME_SAMPLES / 10);
  #lastPlayedCell = -Infinity;

  /** `sampleRateHz`: of what is played. */
  constructor(sampleRateHz: number) {
    this.#resampler = sampleRateHz === LISTENING_RATE_HZ ? undefined : new Resampler(sampleRateHz, LISTENING_RATE_HZ);
  }

  /** A frame (20 ms) as it was handed to the transport, with the instant at which it belongs. */
  played(frame: Int16Array, atMs: number): void {
    const cell = this.#playedClock.place(atMs, CELLS_PER_FRAME);
    this.#played.skipTo(cell);
    this.#playedLevels.analyse(this.#resampled(frame), ...this.#levels);
    for (const levels of this.#levels) {
      this.#played.append(levels);
      if (loudestOf(levels) > PLAYED_SOUND_DB) this.#lastPlayedCell = this.#played.end - 1;
    }
  }

  /**
   * A frame (20 ms at 16 kHz) of the caller's audio, in order, with the instant of its arrival. The samples may be looked at
   * later: they must stay as they are.
   */
  heard(samples: Int16Array, atMs: number): OwnVoiceVerdict {
    const cell = this.#heardClock.place(atMs, CELLS_PER_FRAME);
    if (cell - this.#lastPlayedCell > ECHO_CELLS) {
      this.#waiting.push({ samples, cell });
      if (this.#waiting.length >= MOST_WAITING_FRAMES) this.#catchUp();
      return NO_ECHO;
    }
    this.#catchUp();
    const [firstLevels, secondLevels] = this.#levels;
    this.#analyse({ samples, cell });
    const first = this.#observe(firstLevels);
    const second = this.#observe(secondLevels);
    return this.#verdict(first, second);
  }

  #catchUp(): void {
    for (const frame of this.#waiting) {
      this.#analyse(frame);
      for (const levels of this.#levels) {
        const at = this.#heard.end;
        this.#heard.append(levels);
        this.#tracker.observeAlone(at);
      }
    }
    this.#waiting.length = 0;
  }

  #analyse({ samples, cell }: WaitingFrame): void {
    this.#heard.skipTo(cell);
    this.#heardLevels.analyse(samples, ...this.#levels);
  }

  #observe(levels: Float32Array): CellFinding {
    const at = this.#heard.end;
    this.#heard.append(levels);
    return this.#tracker.observe(at);
  }

  #verdict(first: CellFinding, second: CellFinding): OwnVoiceVerdict {
    const content = contentOf(first.content, second.content);
    const delay = this.#tracker.delay;
    if (delay === undefined) return { content, coherence: this.#tracker.likeness };
    const residual = Math.max(first.residualPower, second.residualPower);
    return {
      content,
      coherence: Math.max(0, coherence(this.#played, this.#heard, this.#heard.end, delay, COHERENCE_CELLS)),
      delayMs: delay * HOP_MS,
      echoLevelDb: decibel(Math.max(first.echoPower, second.echoPower)),
      ...(residual > 0 && { residualDb: decibel(residual) }),
    };
  }

  /** Exactly 20 ms at 16 kHz. */
  #resampled(frame: Int16Array): Int16Array {
    if (this.#resampler === undefined) return frame;
    const more = this.#resampler.push(frame);
    const all = new Int16Array(this.#pending.length + more.length);
    all.set(this.#pending);
    all.set(more, this.#pending.length);
    this.#pending = all.slice(FRAME_SAMPLES);
    return all.subarray(0, FRAME_SAMPLES);
  }
}

/** Of both halves of a frame. */
function contentOf(first: Content, second: Content): Content {
  for (const content of ORDER) if (first === content || second === content) return content;
  return 'nothing';
}

function loudestOf(levels: Float32Array): number {
  let loudest = SILENCE_DB;
  for (const level of levels) loudest = Math.max(loudest, level);
  return loudest;
}

function decibel(power: number): number {
  return Math.max(SILENCE_DB, 10 * Math.log10(power));
}
