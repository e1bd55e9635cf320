// Serial numbers that wrap: RTP sequence numbers (16 bit) and timestamps (32 bit). RFC 1982 section 3, RFC 3550 appendix A.1.
// The only place that does wrap arithmetic: everyone else works with extended numbers, which only grow and never wrap.

/** Width of a serial number: 16 for RTP sequence numbers, 32 for RTP timestamps. */
export type SerialBits = 16 | 32;

/**
 * The shortest way from one serial number to another, in [−2^(bits−1), 2^(bits−1)): positive when `to` is the newer one.
 * At 16 bits, from 65535 to 2 it is 3, and from 2 to 65535 it is −3. Exactly half the circle, which RFC 1982
 * leaves undefined, counts as older.
 */
export function serialDistance(from: number, to: number, bits: SerialBits): number {
  const modulus = 2 ** bits;
  const forward = wrapSerial(to - from, bits);
  return forward < modulus / 2 ? forward : forward - modulus;
}

/** The number as it goes on the wire: `value` modulo 2^bits, never negative. At 16 bits 65536 is 0 and −1 is 65535. */
export function wrapSerial(value: number, bits: SerialBits): number {
  const modulus = 2 ** bits;
  return ((value % modulus) + modulus) % modulus;
}

/**
 * Turns serial numbers into extended ones that never wrap, with `extended % 2^bits === value`.
 *
 * The first value v becomes v + 2^bits, so that older ones which arrive after it, up to half the circle, stay positive:
 * at 16 bits, 3 then 65530 becomes 65539 then 65530. Distances are taken from the highest value so far; a value more
 * than half the circle away is misread by a full circle, so a caller that expects restarts detects them beforehand
 * and starts a new unwrapper. Numbers stay exact for 2^20 wraps of a 32 bit clock (3,000 years at 48 kHz).
 */
export class SerialUnwrapper {
  readonly #bits: SerialBits;
  #highest: number | undefined;

  constructor(bits: SerialBits) {
    this.#bits = bits;
  }

  /** The highest extended value so far. */
  get highest(): number | undefined {
    return this.#highest;
  }

  /** What `unwrap` would answer, without taking note of the value. */
  peek(value: number): number {
    if (this.#highest === undefined) return value + 2 ** this.#bits;
    return this.#highest + serialDistance(wrapSerial(this.#highest, this.#bits), value, this.#bits);
  }

  unwrap(value: number): number {
    const extended = this.peek(value);
    if (this.#highest === undefined || extended > this.#highest) this.#highest = extended;
    return extended;
  }
}
