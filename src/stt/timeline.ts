// Where each sample given to a recogniser lies on the caller's RTP time line. Frames may jump (DTX, a stall, frames
// dropped under load); the recogniser sees one uninterrupted stretch. Pure.

import { LISTENING_RATE_HZ } from '../audio/frame.ts';
import { OPUS_CLOCK_HZ } from '../rtp/packet.ts';

export const TICKS_PER_SAMPLE = OPUS_CLOCK_HZ / LISTENING_RATE_HZ;

interface Stretch {
  readonly firstSample: number;
  readonly timestamp: number;
}

/** A piecewise linear map from sample count to extended RTP timestamp. Memory grows by jumps only, until they are forgotten. */
export class SampleTimeline {
  readonly #stretches: Stretch[] = [];
  #sampleCount = 0;

  /** Samples appended since the last `clear`. */
  get sampleCount(): number {
    return this.#sampleCount;
  }

  append(timestamp: number, sampleCount: number): void {
    if (this.#stretches.length === 0 || this.endOf(this.#sampleCount) !== timestamp) {
      this.#stretches.push({ firstSample: this.#sampleCount, timestamp });
    }
    this.#sampleCount += sampleCount;
  }

  clear(): void {
    this.#stretches.length = 0;
    this.#sampleCount = 0;
  }

  /** Drops jumps that only matter to what lies before sample number `sample`. The count goes on. */
  forgetBefore(sample: number): void {
    const kept = this.#stretches.findLastIndex((stretch) => stretch.firstSample < sample);
    this.#stretches.splice(0, Math.max(0, kept));
  }

  /** How many uninterrupted stretches are remembered. */
  get stretchCount(): number {
    return this.#stretches.length;
  }

  /** Timestamp of sample number `sample`: of what begins there. */
  startOf(sample: number): number {
    return this.#at(sample, (stretch) => stretch.firstSample <= sample);
  }

  /** Timestamp right after sample number `sample` − 1: of what ends there. At a jump it is the side before the jump. */
  endOf(sample: number): number {
    return this.#at(sample, (stretch) => stretch.firstSample < sample);
  }

  #at(sample: number, holds: (stretch: Stretch) => boolean): number {
    const stretch = this.#stretches.findLast(holds) ?? this.#stretches[0];
    return stretch === undefined ? 0 : stretch.timestamp + (sample - stretch.firstSample) * TICKS_PER_SAMPLE;
  }
}
