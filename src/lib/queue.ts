// A bounded queue between one producer and one consumer, read as an async iterable.

/** What `push` does when the queue is full: give up the oldest item, or refuse the new one. */
export type OverflowPolicy = 'dropOldest' | 'refuse';

/**
 * FIFO of at most `capacity` items. `push` never waits (for audio coming in: dropped items are counted);
 * `put` waits for room (for audio going out: it pushes back). After `close`, what is queued is still delivered;
 * after `fail` it is not.
 */
export class BoundedQueue<T> implements AsyncIterable<T> {
  readonly capacity: number;
  droppedCount = 0;
  readonly #policy: OverflowPolicy;
  /** Boxed, so that `undefined` can be an item. */
  readonly #items: { readonly item: T }[] = [];
  #end: { readonly error?: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  constructor(capacity: number, policy: OverflowPolicy = 'dropOldest') {
    this.capacity = capacity;
    this.#policy = policy;
  }

  get size(): number {
    return this.#items.length;
  }

  get closed(): boolean {
    return this.#end !== undefined;
  }

  /** Adds without waiting; `false` when an item was lost (this one or the oldest) or the queue is closed. */
  push(item: T): boolean {
    if (this.#end !== undefined) return false;
    const full = this.#items.length >= this.capacity;
    if (full) {
      this.droppedCount += 1;
      if (this.#policy === 'refuse') return false;
      this.#items.shift();
    }
    this.#items.push({ item });
    this.#wakeReader?.();
    return !full;
  }

  /** Adds as soon as there is room; rejects with the signal's reason when it is aborted first. */
  async put(item: T, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    while (this.#items.length >= this.capacity && this.#end === undefined) {
      signal?.throwIfAborted();
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        this.#wakeWriter = wake;
        signal?.addEventListener('abort', wake, { once: true });
      });
    }
    signal?.throwIfAborted();
    this.push(item);
  }

  /** No more items; the consumer gets what is queued and then the end. */
  close(): void {
    this.#finish({});
  }

  /** Ends at once: queued items are discarded and the consumer's next read throws `error`. */
  fail(error: unknown): void {
    if (this.#end === undefined) this.#items.length = 0;
    this.#finish({ error });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const next = this.#items.shift();
      if (next !== undefined) {
        this.#wakeWriter?.();
        yield next.item;
      } else if (this.#end !== undefined) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
        this.#wakeReader = undefined;
      }
    }
  }

  #finish(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }
}
