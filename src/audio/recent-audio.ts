// The last seconds of a caller's audio, by RTP time: what a model is given that judges a turn by its sound. Pure.

import { OPUS_CLOCK_HZ } from '../rtp/packet.ts';
import { LISTENING_RATE_HZ, type AudioFrame } from './frame.ts';

const TICKS_PER_SAMPLE = OPUS_CLOCK_HZ / LISTENING_RATE_HZ;

export class RecentAudio {
  readonly #ring: Int16Array<ArrayBuffer>;
  /** Samples since the last gap, those included that were overwritten. */
  #count = 0;
  #endTimestamp = 0;

  /** Keeps the last `capacitySamples` (16 kHz). */
  constructor(capacitySamples: number) {
    this.#ring = new Int16Array(capacitySamples);
  }

  /** Frames come in order. Where one is missing on the time line, what was before it is forgotten. */
  write({ samples, timestamp }: AudioFrame): void {
    if (timestamp !== this.#endTimestamp) this.#count = 0;
    const at = this.#count % this.#ring.length;
    const head = samples.subarray(0, this.#ring.length - at);
    this.#ring.set(head, at);
    this.#ring.set(samples.subarray(head.length), 0);
    this.#count += samples.length;
    this.#endTimestamp = timestamp + samples.length * TICKS_PER_SAMPLE;
  }

  /** A copy of what was heard from `timestamp` (extended RTP timestamp) on, as far as it is still there. */
  since(timestamp: number): Int16Array<ArrayBuffer> {
    const wanted = Math.ceil((this.#endTimestamp - timestamp) / TICKS_PER_SAMPLE);
    const length = Math.max(0, Math.min(wanted, this.#count, this.#ring.length));
    const copy = new Int16Array(length);
    const from = (this.#count - length) % this.#ring.length;
    const head = this.#ring.subarray(from, from + length);
    copy.set(head);
    copy.set(this.#ring.subarray(0, length - head.length), head.length);
    return copy;
  }
}
