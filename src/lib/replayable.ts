// A stream that can be read again from its start, so that another attempt, or another service, gets all of it.

/** Reads `source` at once and keeps what came, for as many readers as there are. Meant for a reply's text: it is small. */
export class Replayable<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  #end: { readonly error?: unknown } | undefined;
  #changed = Promise.withResolvers<void>();
  #waitingReaders = 0;

  constructor(source: AsyncIterable<T>) {
    void this.#read(source);
  }

  /** Whether a reader has had everything so far and waits for more. */
  get isAwaited(): boolean {
    return this.#waitingReaders > 0;
  }

  /** All items from the first on; throws what the source threw. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let index = 0; ; index += 1) {
      while (index >= this.#items.length) {
        if (this.#end !== undefined) {
          if ('error' in this.#end) throw this.#end.error;
          return;
        }
        this.#waitingReaders += 1;
        await this.#changed.promise;
        this.#waitingReaders -= 1;
      }
      yield* this.#items.slice(index, index + 1);
    }
  }

  async #read(source: AsyncIterable<T>): Promise<void> {
    try {
      for await (const item of source) {
        this.#items.push(item);
        this.#change();
      }
      this.#end = {};
    } catch (error) {
      this.#end = { error };
    }
    this.#change();
  }

  #change(): void {
    const changed = this.#changed;
    this.#changed = Promise.withResolvers();
    changed.resolve();
  }
}
