// The owner's side of the synthesising thread: starts it when it is first needed, and again after a crash.

import { Worker } from 'node:worker_threads';
import { StageError } from '../../lib/errors.ts';
import type { OfflineVoice } from './flite.ts';
import type { Piece } from './pieces.ts';
import type { Request, Response } from './protocol.ts';

/** A chunk as it is spoken; `pieces` index `samples`. */
export interface SpokenChunk {
  readonly samples: Int16Array;
  readonly pieces: readonly Piece[];
}

interface Pending {
  resolve(chunk: SpokenChunk): void;
  reject(error: unknown): void;
}

// Built code holds the thread's body as JavaScript beside this file; Node runs the sources as they are.
const WORKER_FILE = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export class Synthesizer {
  #worker: Worker | undefined;
  #closed = false;
  #nextId = 0;
  readonly #pending = new Map<number, Pending>();

  /** Speaks one chunk. Rejects with the signal's reason at once when it is aborted. */
  speak(text: string, voice: OfflineVoice, signal: AbortSignal | undefined): Promise<SpokenChunk> {
    signal?.throwIfAborted();
    if (this.#closed) throw new StageError('TTS', 'The offline voice was closed: make a new one.');
    const worker = (this.#worker ??= this.#start());
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#post(worker, { type: 'cancel', id });
        this.#settle(id)?.reject(signal?.reason);
      };
      const forget = (): void => signal?.removeEventListener('abort', onAbort);
      this.#pending.set(id, {
        resolve: (chunk) => {
          forget();
          resolve(chunk);
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      worker.ref();
      this.#post(worker, { type: 'speak', id, text, voice });
    });
  }

  /** Stops the thread; what is pending is rejected. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#failAll(new StageError('TTS', 'The offline voice was closed while it spoke.'));
    await worker?.terminate();
  }

  #start(): Worker {
    // The program's own flags (`--input-type` …) aren't for this thread.
    const worker = new Worker(WORKER_FILE, { execArgv: [] });
    worker.on('message', (response: Response) => this.#onResponse(response));
    const onEnd = (cause: unknown): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#failAll(
        new StageError('TTS', 'The thread of the offline voice ended; the next reply starts it again.', {
          retryable: true,
          cause,
        }),
      );
    };
    worker.on('error', onEnd);
    worker.on('exit', onEnd);
    worker.unref();
    return worker;
  }

  #post(worker: Worker, request: Request): void {
    worker.postMessage(request, []);
  }

  #onResponse(response: Response): void {
    const pending = this.#settle(response.id);
    if (pending === undefined) return;
    if (response.type === 'spoken') pending.resolve(response);
    else pending.reject(new StageError('TTS', `The offline voice could not speak a chunk: ${response.message}`));
  }

  /** Takes a request off the books; an idle thread doesn't keep the process alive. */
  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker?.unref();
    return pending;
  }

  #failAll(error: StageError): void {
    for (const id of Array.from(this.#pending.keys())) this.#settle(id)?.reject(error);
  }
}
