// The last ten minutes of a call, both sides as they were heard on the ear's clock: the caller left, the agent right. Pure.
// Stays in the page's memory until it is saved.

import { wavHeader } from '../../../src/audio/wav.ts';

/** Half of what tracks have, and as good as speech needs. */
export const recordingRateHz = 16_000;
const pieceMoments = 60 * recordingRateHz;
/** 38 MB. */
const maxPieces = 10;

export class CallRecording {
  /** A minute each, left and right side by side; the last one is being filled. */
  #pieces: Int16Array<ArrayBuffer>[] = [];
  #filled = pieceMoments;

  /** Takes what follows on both sides, at 16 kHz. Of different lengths only by what is lost of the longer one. */
  push(caller: Int16Array, agent: Int16Array): void {
    const moments = Math.min(caller.length, agent.length);
    for (let index = 0; index < moments; index += 1) {
      if (this.#filled === pieceMoments) this.#begin();
      const piece = this.#pieces.at(-1);
      if (piece === undefined) return;
      piece[2 * this.#filled] = caller[index] ?? 0;
      piece[2 * this.#filled + 1] = agent[index] ?? 0;
      this.#filled += 1;
    }
  }

  get durationMs(): number {
    return (this.#moments / recordingRateHz) * 1000;
  }

  /** A stereo WAV file of 16 bit, in parts. Empty where nothing was heard. */
  wav(): readonly Uint8Array<ArrayBuffer>[] {
    if (this.#moments === 0) return [];
    const header = wavHeader({ sampleRateHz: recordingRateHz, channelCount: 2, dataBytes: 4 * this.#moments });
    const parts = this.#pieces.map((piece, index) =>
      littleEndian(index === this.#pieces.length - 1 ? piece.subarray(0, 2 * this.#filled) : piece),
    );
    return [header, ...parts];
  }

  get #moments(): number {
    return Math.max(0, this.#pieces.length - 1) * pieceMoments + (this.#pieces.length > 0 ? this.#filled : 0);
  }

  #begin(): void {
    this.#pieces.push(new Int16Array(2 * pieceMoments));
    if (this.#pieces.length > maxPieces) this.#pieces.shift();
    this.#filled = 0;
  }
}

/** Copied: the recording may go on. */
function littleEndian(samples: Int16Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  for (let index = 0; index < samples.length; index += 1) view.setInt16(2 * index, samples[index] ?? 0, true);
  return new Uint8Array(view.buffer);
}
