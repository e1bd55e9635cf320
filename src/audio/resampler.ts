// Changes the sampling rate of mono PCM as it comes: a polyphase FIR low-pass (windowed sinc). Pure; one per stream.

/** Zero crossings of the sinc on each side: 60 dB stop band with the Blackman window, 1 ms of delay at 16 kHz. */
const HALF_WIDTH = 16;

export class Resampler {
  readonly #step: number;
  readonly #phases: number;
  /** For each phase, the taps that weigh the input around it. */
  readonly #filters: readonly Float64Array[];
  readonly #halfTaps: number;
  /** Input that later output still needs. */
  #input: Int16Array;
  /** Of the next output sample, in 1/phases of an input sample, from the start of `#input`. */
  #position: number;

  /** Rates in Hz. Their ratio should be a simple one (16000 → 24000 is 3/2). */
  constructor(fromHz: number, toHz: number) {
    const divisor = greatestCommonDivisor(fromHz, toHz);
    this.#phases = toHz / divisor;
    this.#step = fromHz / divisor;
    // When the rate falls, the low-pass falls with it, and its taps become more.
    const cutoff = Math.min(1, toHz / fromHz);
    this.#halfTaps = Math.ceil(HALF_WIDTH / cutoff);
    this.#filters = Array.from({ length: this.#phases }, (_, phase) =>
      lowPass(phase / this.#phases, cutoff, this.#halfTaps),
    );
    this.#input = new Int16Array(this.#halfTaps);
    this.#position = this.#halfTaps * this.#phases;
  }

  /** Takes samples and gives those that are certain now; what the filter still looks ahead for comes later. */
  push(samples: Int16Array): Int16Array {
    const input = new Int16Array(this.#input.length + samples.length);
    input.set(this.#input);
    input.set(samples, this.#input.length);
    const end = (input.length - this.#halfTaps) * this.#phases;
    const output = new Int16Array(Math.max(0, Math.ceil((end - this.#position) / this.#step)));
    for (let index = 0; index < output.length; index += 1, this.#position += this.#step) {
      output[index] = this.#at(input, this.#position);
    }
    const spent = Math.max(0, Math.floor(this.#position / this.#phases) - this.#halfTaps);
    this.#input = input.slice(spent);
    this.#position -= spent * this.#phases;
    return output;
  }

  /** The rest. */
  flush(): Int16Array {
    return this.push(new Int16Array(this.#halfTaps));
  }

  #at(input: Int16Array, position: number): number {
    const filter = this.#filters[position % this.#phases];
    const first = Math.floor(position / this.#phases) - this.#halfTaps + 1;
    let sum = 0;
    // A callback for each tap would cost five times as much.
    if (filter !== undefined) {
      for (let index = 0; index < filter.length; index += 1) sum += (filter[index] ?? 0) * (input[first + index] ?? 0);
    }
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
}

/** Taps for an output sample that lies `offset` (0 to 1) after an input sample; tap `halfTaps − 1` weighs that one. Gain 1. */
function lowPass(offset: number, cutoff: number, halfTaps: number): Float64Array {
  const taps = Float64Array.from({ length: 2 * halfTaps }, (_, index) => {
    const distance = index - (halfTaps - 1) - offset;
    return sinc(distance * cutoff) * blackman(distance / halfTaps);
  });
  const gain = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap / gain);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** From −1 to 1. */
function blackman(x: number): number {
  return Math.abs(x) >= 1 ? 0 : 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
