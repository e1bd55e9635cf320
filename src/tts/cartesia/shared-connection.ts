// The one connection that all replies of a process share: opened before it is needed, and again when it was lost or has
// been idle for too long. One is enough: the service takes dozens of contexts on each, accounts allow fewer.

import { StageError } from '../../lib/errors.ts';
import { CartesiaConnection, type ConnectionOptions } from './connection.ts';

export class SharedConnection {
  readonly #options: ConnectionOptions;
  readonly #closing = new AbortController();
  #current: CartesiaConnection | undefined;
  #opening: Promise<CartesiaConnection> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** A usable connection: at once where there is one. Rejects with the `StageError` of opening it. */
  async get(): Promise<CartesiaConnection> {
    if (this.isClosed) throw closed();
    if (this.#current?.isUsable === true) return this.#current;
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Idempotent; within a second. */
  async close(): Promise<void> {
    if (!this.isClosed) this.#closing.abort(closed());
    await this.#opening?.catch(() => undefined);
    await this.#current?.close();
  }

  async #open(): Promise<CartesiaConnection> {
    const stale = this.#current;
    try {
      this.#current = undefined;
      void stale?.close();
      this.#current = await CartesiaConnection.open(this.#options, this.#closing.signal);
      return this.#current;
    } finally {
      this.#opening = undefined;
    }
  }
}

function closed(): StageError {
  return new StageError('TTS', 'The voice of Cartesia was closed: make a new one.');
}
