// Where the agent's voice becomes audible after a silence: the account's own detector (src/audio/level.ts) on the samples that
// are played. Pure.

import { AudibleOnset, levelDbfs } from '../../../src/audio/level.ts';
import type { InstantSpan } from './instants.ts';
import { phaseCount, PhasedWindows } from './phased-windows.ts';

/** A silence of this length ends a stretch of voice; what follows is another onset. */
const silenceMs = 100;
/** The quietest window that isn't silent, as the account has it. */
const audibleDbfs = -40;
const windowMs = 10;
/** The phases' answers to one onset lie closer together; whether they all answered is known after this. */
const settledAfterMs = silenceMs + 2 * windowMs;

interface PhaseState {
  onset: AudibleOnset;
  silentMs: number;
}

export class VoiceOnsets {
  readonly #windows: PhasedWindows;
  readonly #phases: readonly PhaseState[];
  #open: InstantSpan[] = [];
  #heardMs = 0;

  constructor(sampleRateHz: number) {
    this.#phases = Array.from({ length: phaseCount }, () => ({ onset: new AudibleOnset(sampleRateHz), silentMs: 0 }));
    this.#windows = new PhasedWindows(sampleRateHz, ({ phase, startMs, samples }) => {
      const state = this.#phases[phase];
      if (state === undefined) return;
      const offsetMs = state.onset.observe(samples);
      if (offsetMs !== undefined) this.#found(startMs + offsetMs);
      state.silentMs = levelDbfs(samples) > audibleDbfs ? 0 : state.silentMs + windowMs;
      if (state.silentMs === silenceMs) state.onset = new AudibleOnset(sampleRateHz);
      this.#heardMs = Math.max(this.#heardMs, startMs + windowMs);
    });
  }

  /** Takes what follows. Returns the onsets that are certain now, counted from the beginning of the stream. */
  push(samples: Int16Array): readonly InstantSpan[] {
    this.#windows.push(samples);
    const isSettled = ({ earliestMs }: InstantSpan): boolean => this.#heardMs - earliestMs >= settledAfterMs;
    const settled = this.#open.filter(isSettled);
    this.#open = this.#open.filter((onset) => !isSettled(onset));
    return settled;
  }

  #found(atMs: number): void {
    const same = this.#open.findIndex(
      ({ earliestMs, latestMs }) => atMs > latestMs - silenceMs && atMs < earliestMs + silenceMs,
    );
    const { earliestMs = atMs, latestMs = atMs } = this.#open[same] ?? {};
    const onset = { earliestMs: Math.min(earliestMs, atMs), latestMs: Math.max(latestMs, atMs) };
    if (same === -1) this.#open.push(onset);
    else this.#open[same] = onset;
  }
}
