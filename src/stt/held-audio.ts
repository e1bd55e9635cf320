// The audio of a turn, held for a recogniser that takes it whole: from shortly before the first sound on. Pure.

import { type AudioFrame, LISTENING_RATE_HZ } from '../audio/frame.ts';
import { SpeechGate } from './speech-gate.ts';
import { TICKS_PER_SAMPLE } from './timeline.ts';

/** Kept from before a sound: soft consonants, and some silence for the recogniser to settle on. */
const LEAD_MS = 500;
/** Kept from after a sound. Longer pauses are cut down to this and the lead: they hold nothing, and cost time. */
const TRAIL_MS = 2000;
/** What is held at most; nobody waits for the answer to a longer turn. */
const LONGEST_HELD_MS = 60_000;
/** Less sound than this, with as much quiet after it as below, is a click: it is forgotten. */
const SHORTEST_SOUND_MS = 60;
const FORGET_AFTER_QUIET_MS = 2000;

const msOf = (sampleCount: number): number => (sampleCount * 1000) / LISTENING_RATE_HZ;

/** What was said since the turn before. */
export interface HeldTurn {
  /** In order, their timestamps jumping over long pauses; empty where nothing sounded. */
  readonly frames: readonly AudioFrame[];
  /** How much of it stands out from the background: voice, or another sound. */
  readonly soundingMs: number;
  /** How much was dropped from its beginning, because it was too long. */
  readonly droppedMs: number;
  /** Extended RTP timestamp after the last frame that was written, held or not. */
  readonly endTimestamp: number;
}

export class HeldAudio {
  readonly #gate = new SpeechGate();
  /** From the first sound's lead on. */
  #turn = new Stretch();
  /** Quiet that belongs to the turn if a sound follows. */
  #lead = new Stretch();
  #soundingSamples = 0;
  #quietSamples = 0;
  #droppedSamples = 0;
  #endTimestamp = 0;

  /** Takes a copy of the frame. Answers whether it is the first sound of the turn. */
  write(frame: AudioFrame): boolean {
    const { length } = frame.samples;
    this.#endTimestamp = frame.timestamp + length * TICKS_PER_SAMPLE;
    const isSound = this.#gate.hears(frame.samples);
    const isFirst = isSound && this.#soundingSamples === 0;
    const copy = { ...frame, samples: frame.samples.slice() };
    if (isSound) this.#writeSound(copy);
    else this.#writeQuiet(copy);
    return isFirst;
  }

  /** Hands the turn over and begins the next. */
  take(): HeldTurn {
    const turn: HeldTurn = {
      frames: this.#turn.frames,
      soundingMs: msOf(this.#soundingSamples),
      droppedMs: msOf(this.#droppedSamples),
      endTimestamp: this.#endTimestamp,
    };
    this.#forget();
    return turn;
  }

  #writeSound(frame: AudioFrame): void {
    this.#soundingSamples += frame.samples.length;
    this.#quietSamples = 0;
    for (const early of this.#lead.frames) this.#turn.push(early);
    this.#lead = new Stretch();
    this.#turn.push(frame);
    this.#droppedSamples += this.#turn.shorten(LONGEST_HELD_MS);
  }

  #writeQuiet(frame: AudioFrame): void {
    this.#quietSamples += frame.samples.length;
    const isTrail = this.#soundingSamples > 0 && msOf(this.#quietSamples) <= TRAIL_MS;
    (isTrail ? this.#turn : this.#lead).push(frame);
    this.#droppedSamples += this.#turn.shorten(LONGEST_HELD_MS);
    this.#lead.shorten(LEAD_MS);
    const isClick = msOf(this.#soundingSamples) < SHORTEST_SOUND_MS;
    if (isClick && msOf(this.#quietSamples) >= FORGET_AFTER_QUIET_MS) this.#forget();
  }

  #forget(): void {
    this.#turn = new Stretch();
    this.#soundingSamples = 0;
    this.#droppedSamples = 0;
  }
}

/** Frames in order. */
class Stretch {
  readonly frames: AudioFrame[] = [];
  #sampleCount = 0;

  push(frame: AudioFrame): void {
    this.frames.push(frame);
    this.#sampleCount += frame.samples.length;
  }

  /** Drops the oldest frames until it is at most so long; returns how many samples they had. */
  shorten(mostMs: number): number {
    let dropped = 0;
    while (msOf(this.#sampleCount) > mostMs) {
      const length = this.frames.shift()?.samples.length ?? this.#sampleCount;
      this.#sampleCount -= length;
      dropped += length;
    }
    return dropped;
  }
}
