// The audio of a turn, held for a recogniser that takes it whole: from shortly before the first sound on. Pure.

import { type AudioFrame, LISTENING_RATE_HZ } from '../audio/frame.ts';
import { SpeechGate } from './speech-gate.ts';
import { TICKS_PER_SAMPLE } from './timeline.ts';

/** Kept from before the first sound: soft consonants, and some silence for the recogniser to settle on. */
const LEAD_MS = 500;
/** What is held at most; nobody waits for the answer to a longer turn. */
const LONGEST_HELD_MS = 60_000;
/** Less sound than this, with as much quiet after it as below, is a click: it is forgotten. */
const SHORTEST_SOUND_MS = 60;
const FORGET_AFTER_QUIET_MS = 2000;

const msOf = (sampleCount: number): number => (sampleCount * 1000) / LISTENING_RATE_HZ;

/** What was said since the turn before. */
export interface HeldTurn {
  /** In order; empty where nothing sounded. */
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
  #frames: AudioFrame[] = [];
  #heldSamples = 0;
  #soundingSamples = 0;
  #quietSamples = 0;
  #droppedSamples = 0;
  #endTimestamp = 0;

  /** Takes a copy of the frame. Answers whether it is the first sound of the turn. */
  write(frame: AudioFrame): boolean {
    const { length } = frame.samples;
    this.#endTimestamp = frame.timestamp + length * TICKS_PER_SAMPLE;
    this.#frames.push({ ...frame, samples: frame.samples.slice() });
    this.#heldSamples += length;
    const isSound = this.#gate.hears(frame.samples);
    const isFirst = isSound && this.#soundingSamples === 0;
    this.#quietSamples = isSound ? 0 : this.#quietSamples + length;
    if (isSound) this.#soundingSamples += length;
    this.#forgetClick();
    this.#dropOldest();
    return isFirst;
  }

  /** Hands the turn over and begins the next. */
  take(): HeldTurn {
    const turn: HeldTurn = {
      frames: this.#soundingSamples === 0 ? [] : this.#frames,
      soundingMs: msOf(this.#soundingSamples),
      droppedMs: msOf(this.#droppedSamples),
      endTimestamp: this.#endTimestamp,
    };
    this.#soundingSamples = 0;
    this.#droppedSamples = 0;
    // Silence goes on to be the next turn's lead; sound belongs to one turn only.
    this.#frames = turn.frames.length === 0 ? this.#frames : [];
    this.#heldSamples = this.#frames.reduce((sum, { samples }) => sum + samples.length, 0);
    return turn;
  }

  #forgetClick(): void {
    if (msOf(this.#soundingSamples) >= SHORTEST_SOUND_MS || msOf(this.#quietSamples) < FORGET_AFTER_QUIET_MS) return;
    this.#soundingSamples = 0;
  }

  #dropOldest(): void {
    const isTurn = this.#soundingSamples > 0;
    const mostMs = isTurn ? LONGEST_HELD_MS : LEAD_MS;
    while (msOf(this.#heldSamples) > mostMs) {
      const length = this.#frames.shift()?.samples.length ?? this.#heldSamples;
      this.#heldSamples -= length;
      if (isTurn) this.#droppedSamples += length;
    }
  }
}
