// Where speech begins and ends, to 10 ms: the level detector that the latency account rests on, and whoever must know at once.
// A VAD answers later and coarser, and leaves out unvoiced consonants.

import { type RtpTime, TICKS_PER_MS } from '../rtp/packet.ts';
import { wrapSerial } from '../rtp/serial.ts';
import type { AudioFrame } from './frame.ts';
import { LISTENING_RATE_HZ } from './frame.ts';
import { levelDbfs } from './level.ts';
import { SpeechLevel } from './speech-level.ts';

/** Where speech ended, on the caller's time line. */
export interface SpeechEnd {
  readonly timestamp: number;
  /** How much later it may have ended: what is nearly loud enough, and audio that was lost, may be speech or not. */
  readonly laterTicks: number;
  /** The same place on the sender's own time line; absent where frames don't tell. */
  readonly source?: RtpTime;
  /** When the packet arrived that holds it, and when that was decoded. */
  readonly arrivedAtMs: number;
  readonly decodedAtMs: number;
}

/** Where speech began, by the same windows. */
export type SpeechOnset = Omit<SpeechEnd, 'laterTicks'>;

/** A window that is loud enough for speech, or nearly. */
interface LoudWindow {
  /** The place after it. */
  readonly end: SpeechOnset;
  readonly dbfs: number;
  /** How far above what is loud enough. */
  readonly marginDb: number;
  readonly coding: Coding;
  /** Audio that was lost follows directly. */
  readonly lostTicks: number;
}

const WINDOW_MS = 10;
const WINDOW_SAMPLES = (LISTENING_RATE_HZ * WINDOW_MS) / 1000;
const WINDOW_TICKS = WINDOW_MS * TICKS_PER_MS;
/**
 * Windows of speech near the threshold come out of an Opus decoder softer than they went in, by 1 to 2 dB in the median (libopus
 * at 24 and 48 kb/s, speech-edge.test.ts): so much below it, a window may have been loud enough.
 */
export const DECODED_SOFTER_DB = 2;
/**
 * In noise it is the other way round: the codec takes more from the noise than from speech just above it, so that a window comes
 * out farther above the floor, by 0 to 3.5 dB in nine of ten places (the same codec and test, at 20 and 10 dB SNR).
 */
export const DECODED_CLEARER_DB = 3.5;

/** Margins above which a window may have been loud enough before it was encoded, and was for certain. */
interface Coding {
  readonly possibleDb: number;
  readonly certainDb: number;
}
const QUIET_LINE: Coding = { possibleDb: -DECODED_SOFTER_DB, certainDb: 0 };
const NOISY_LINE: Coding = { possibleDb: 0, certainDb: DECODED_CLEARER_DB };
/** Digital silence inside a frame counts as this. */
const SILENCE_DBFS = -90;
/** Windows that are remembered: five seconds of speech. */
const MEMORY = 500;
/** The VAD may close before an unvoiced consonant ends; a loud window later than this is another sound. */
const AFTER_VOICE_TICKS = 200 * TICKS_PER_MS;

/** A word may begin with an unvoiced consonant or a soft voice; what is loud for longer before the voice is another sound. */
const BEFORE_VOICE_TICKS = 120 * TICKS_PER_MS;
/** Two windows: between the release of a plosive and its vowel. */
const LONGEST_BREAK_TICKS = 20 * TICKS_PER_MS;
/** So far below the loudest of the last half second no sound of speech is, but the closure of a plosive. */
const FALLEN_DB = 35;
const RECENT_WINDOWS = 50;

export class SpeechEdge {
  readonly #level = new SpeechLevel();
  readonly #loud: LoudWindow[] = [];
  /** Of the last window. Audio that was lost leaves it as it was. */
  #lastDbfs = SILENCE_DBFS;

  observe(frame: AudioFrame): void {
    switch (frame.origin) {
      case 'received':
        this.#listen(frame);
        break;
      case 'concealed':
        this.#doubt(frame);
        break;
      // What the sender left out, or the clock filled in, was no speech, and says nothing of the noise.
      case 'silence':
        this.#lastDbfs = SILENCE_DBFS;
        break;
    }
  }

  /** The end of the speech that the VAD says ended at `voiceEndedAt`; undefined where nothing loud is remembered. */
  endOfSpeech(voiceEndedAt: number): SpeechEnd | undefined {
    const before = this.#loud.filter(({ end }) => end.timestamp <= voiceEndedAt + AFTER_VOICE_TICKS);
    const last = before.findLast(isCertain) ?? before.findLast(isLoud);
    if (last === undefined) return undefined;
    const possible = before.findLast(isPossible) ?? last;
    return {
      ...last.end,
      laterTicks: possible.end.timestamp + possible.lostTicks - last.end.timestamp,
    };
  }

  /** Where the sound began that the VAD says is voice since `voiceStartedAt`: there, or up to 120 ms before. */
  startOfSpeech(voiceStartedAt: number): number {
    let start = voiceStartedAt;
    for (const { end } of this.#loud.filter(isLoud).toReversed()) {
      if (end.timestamp < start - LONGEST_BREAK_TICKS) break;
      start = Math.min(start, end.timestamp - WINDOW_TICKS);
    }
    return Math.max(start, voiceStartedAt - BEFORE_VOICE_TICKS);
  }

  /** The first loud window since then; undefined where there was none. */
  onsetSince(timestamp: number): SpeechOnset | undefined {
    const first = this.#loud.find((window) => isLoud(window) && window.end.timestamp > timestamp)?.end;
    if (first === undefined) return undefined;
    const { source, arrivedAtMs, decodedAtMs } = first;
    return {
      timestamp: first.timestamp - WINDOW_TICKS,
      ...(source && { source: { ...source, rtpTimestamp: wrapSerial(source.rtpTimestamp - WINDOW_TICKS, 32) } }),
      arrivedAtMs,
      decodedAtMs,
    };
  }

  /** Whether what was last heard is so much softer than the speech before it that it has ended, or pauses. */
  get hasFallen(): boolean {
    // Asked at every tick: nothing is copied.
    let loudest = SILENCE_DBFS;
    for (let n = Math.max(0, this.#loud.length - RECENT_WINDOWS); n < this.#loud.length; n += 1) {
      loudest = Math.max(loudest, this.#loud[n]?.dbfs ?? SILENCE_DBFS);
    }
    return this.#lastDbfs <= loudest - FALLEN_DB;
  }

  #listen({ samples, timestamp, source, arrivedAtMs, decodedAtMs = arrivedAtMs }: AudioFrame): void {
    for (let start = 0; start + WINDOW_SAMPLES <= samples.length; start += WINDOW_SAMPLES) {
      const level = Math.max(SILENCE_DBFS, levelDbfs(samples, start, start + WINDOW_SAMPLES));
      this.#lastDbfs = level;
      const marginDb = this.#level.marginDb(level);
      if (marginDb <= -DECODED_SOFTER_DB) continue;
      const coding = this.#level.isNoisy ? NOISY_LINE : QUIET_LINE;
      const afterTicks = (start / WINDOW_SAMPLES + 1) * WINDOW_TICKS;
      const end: SpeechOnset = {
        timestamp: timestamp + afterTicks,
        ...(source && {
          source: { ssrc: source.ssrc, rtpTimestamp: wrapSerial(source.rtpTimestamp + afterTicks, 32) },
        }),
        arrivedAtMs,
        decodedAtMs,
      };
      this.#loud.push({ end, dbfs: level, marginDb, coding, lostTicks: 0 });
      if (this.#loud.length > MEMORY) this.#loud.shift();
    }
  }

  /** What stands in for lost audio goes on sounding like speech: it may have been some, or not. */
  #doubt({ samples, timestamp }: AudioFrame): void {
    const last = this.#loud.at(-1);
    if (last === undefined || last.end.timestamp + last.lostTicks !== timestamp) return;
    const lostTicks = last.lostTicks + (samples.length / WINDOW_SAMPLES) * WINDOW_TICKS;
    this.#loud[this.#loud.length - 1] = { ...last, lostTicks };
  }
}

function isLoud({ marginDb }: LoudWindow): boolean {
  return marginDb > 0;
}

function isPossible({ marginDb, coding, lostTicks }: LoudWindow): boolean {
  return marginDb > coding.possibleDb || lostTicks > 0;
}

function isCertain({ marginDb, coding }: LoudWindow): boolean {
  return marginDb > coding.certainDb;
}
