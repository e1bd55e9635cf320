// Cuts a stream into windows of 10 ms as a detector wants them, once for each of ten phases 1 ms apart. Where the windows of
// the agent's own detector begin can't be known here; what all phases say spans what it can have said. Pure.

export const phaseCount = 10;
const windowMs = 10;
/** Between two phases: what lies there is seen by none of them. */
export const phaseStepMs = windowMs / phaseCount;

export interface PhasedWindow {
  /** 0 to 9. */
  readonly phase: number;
  /** Of the first sample after the beginning of the stream. */
  readonly startMs: number;
  readonly samples: Int16Array;
}

export class PhasedWindows {
  readonly #sampleRateHz: number;
  readonly #windowSamples: number;
  readonly #onWindow: (window: PhasedWindow) => void;
  /** Where the next window of each phase starts, counted from the beginning of the stream. */
  readonly #nextStarts: number[];
  /** Samples that later windows need, and where they lie in the stream. */
  #held = new Int16Array(0);
  #heldStart = 0;

  /** The windows of one phase are told in their order; those of different phases in any. */
  constructor(sampleRateHz: number, onWindow: (window: PhasedWindow) => void) {
    this.#sampleRateHz = sampleRateHz;
    this.#windowSamples = (sampleRateHz * windowMs) / 1000;
    this.#onWindow = onWindow;
    this.#nextStarts = Array.from({ length: phaseCount }, (_, phase) =>
      Math.round((phase * this.#windowSamples) / phaseCount),
    );
  }

  push(samples: Int16Array): void {
    const held = new Int16Array(this.#held.length + samples.length);
    held.set(this.#held);
    held.set(samples, this.#held.length);
    const end = this.#heldStart + held.length;
    for (let phase = 0; phase < phaseCount; phase += 1) {
      let start = this.#nextStarts[phase] ?? end;
      for (; start + this.#windowSamples <= end; start += this.#windowSamples) {
        const at = start - this.#heldStart;
        this.#onWindow({
          phase,
          startMs: (start / this.#sampleRateHz) * 1000,
          samples: held.subarray(at, at + this.#windowSamples),
        });
      }
      this.#nextStarts[phase] = start;
    }
    const needed = Math.min(...this.#nextStarts, end);
    this.#held = held.slice(needed - this.#heldStart);
    this.#heldStart = needed;
  }
}
