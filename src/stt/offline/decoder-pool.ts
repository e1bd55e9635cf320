// Decoders ready for the next caller: making one takes 0.2 s, and the thread recognises nobody meanwhile.

import type { DecoderFactory, UtteranceDecoder } from './decoder.ts';

/** Kept for later; a decoder holds about 25 MB. */
const SPARE_COUNT = 1;

export class DecoderPool {
  readonly #factory: DecoderFactory;
  readonly #spare: Promise<UtteranceDecoder>[] = [];

  constructor(factory: DecoderFactory) {
    this.#factory = factory;
    this.#refill();
  }

  /** A decoder for a new caller. */
  take(): Promise<UtteranceDecoder> {
    return this.#spare.shift() ?? this.#factory.create();
  }

  /** Makes the next spare, where there is none. Call it when nobody waits. */
  #refill(): void {
    while (this.#spare.length < SPARE_COUNT) {
      const decoder = this.#factory.create();
      // Whoever takes it gets the error; until then nobody listens.
      decoder.catch(() => undefined);
      this.#spare.push(decoder);
    }
  }

  refillSoon(): void {
    setImmediate(() => this.#refill());
  }

  /** Takes a decoder back, between utterances. */
  give(decoder: UtteranceDecoder): void {
    if (this.#spare.length >= SPARE_COUNT) decoder.close();
    else this.#spare.push(decoder.reset().then(() => decoder));
  }
}
