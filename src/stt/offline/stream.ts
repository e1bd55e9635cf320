// The owner's side of one stream of the recognising thread.

import type { AudioFrame } from '../../audio/frame.ts';
import type { ReparteeError } from '../../lib/errors.ts';
import { BoundedQueue } from '../../lib/queue.ts';
import type { SttEvent, SttStream } from '../port.ts';
import type { Request } from './protocol.ts';

/** Events a reader may leave unread; at most a few come in a second. */
const EVENT_BACKLOG = 4096;

export class OfflineStream implements SttStream {
  readonly #id: number;
  readonly #post: (request: Request) => void;
  readonly #onClosed: () => void;
  readonly #events = new BoundedQueue<SttEvent>(EVENT_BACKLOG);
  readonly #opened = Promise.withResolvers<void>();
  #open = true;

  constructor(id: number, post: (request: Request) => void, onClosed: () => void) {
    this.#id = id;
    this.#post = post;
    this.#onClosed = onClosed;
    // Whoever opened it waits for this; after that nobody may.
    this.#opened.promise.catch(() => undefined);
  }

  /** Resolves once the thread has a decoder for it, or it was closed; rejects when the thread failed. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  get events(): AsyncIterable<SttEvent> {
    return this.#events;
  }

  write(frame: AudioFrame): void {
    if (!this.#open) return;
    // A copy of these samples alone: the frame may be a view of a larger buffer.
    this.#post({ type: 'audio', stream: this.#id, samples: new Int16Array(frame.samples), timestamp: frame.timestamp });
  }

  finalize(): void {
    if (this.#open) this.#post({ type: 'finalize', stream: this.#id });
  }

  close(): void {
    if (!this.#open) return;
    this.#post({ type: 'close', stream: this.#id });
    this.#end();
    this.#events.close();
  }

  onOpened(): void {
    this.#opened.resolve();
  }

  onEvent(event: SttEvent): void {
    this.#events.push(event);
  }

  fail(error: ReparteeError): void {
    if (!this.#open) return;
    this.#opened.reject(error);
    this.#end();
    this.#events.fail(error);
  }

  #end(): void {
    this.#open = false;
    this.#opened.resolve();
    this.#onClosed();
  }
}
