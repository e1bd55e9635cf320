// Speech to text without a key: soundswallower in a worker thread, against the grammar of what the agent understands.
// No dictation: speech outside the grammar comes as a final with `rejected`.

import { Worker } from 'node:worker_threads';
import { StageError } from '../lib/errors.ts';
import { type Logger, silentLogger } from '../lib/log.ts';
import type { SpeechGrammar } from './offline/grammar.ts';
import type { Request, Response, WorkerData } from './offline/protocol.ts';
import { OfflineStream } from './offline/stream.ts';
import type { SpeechToText, SttStream } from './port.ts';

export type { SpeechGrammar } from './offline/grammar.ts';

export interface OfflineSpeechToTextOptions {
  /** What callers may say; the front desk exports its own as `speechGrammar`. */
  readonly grammar: SpeechGrammar;
  readonly log?: Logger;
}

// Built code holds the thread's body as JavaScript; Node runs the sources as they are.
const WORKER_FILE = new URL(
  import.meta.url.endsWith('.ts') ? './offline/worker.ts' : './offline/worker.js',
  import.meta.url,
);

/** One thread for all its streams, started with the first; make one per process. */
export function offlineSpeechToText({ grammar, log = silentLogger }: OfflineSpeechToTextOptions): SpeechToText {
  const recognizer = new Recognizer(grammar, log);
  return {
    name: 'offline',
    wordTimes: true,
    open: ({ signal }) => recognizer.open(signal),
    close: () => recognizer.close(),
  };
}

class Recognizer {
  readonly #grammar: SpeechGrammar;
  readonly #log: Logger;
  readonly #streams = new Map<number, OfflineStream>();
  #worker: Worker | undefined;
  #nextStream = 0;
  #closed = false;

  constructor(grammar: SpeechGrammar, log: Logger) {
    this.#grammar = grammar;
    this.#log = log;
  }

  async open(signal: AbortSignal): Promise<SttStream> {
    signal.throwIfAborted();
    if (this.#closed) throw new StageError('STT', 'The offline recogniser was closed: make a new one.');
    const worker = (this.#worker ??= this.#start());
    const id = this.#nextStream;
    this.#nextStream += 1;
    const post = (request: Request): void => {
      // Samples are handed over, not copied once more.
      worker.postMessage(request, request.type === 'audio' ? [request.samples.buffer] : []);
    };
    const stream = new OfflineStream(id, post, () => this.#forget(id));
    this.#streams.set(id, stream);
    worker.ref();
    post({ type: 'open', stream: id });
    const onAbort = (): void => stream.close();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await stream.opened;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    signal.throwIfAborted();
    return stream;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    this.#worker = undefined;
    for (const stream of Array.from(this.#streams.values())) stream.close();
    await worker?.terminate();
  }

  #start(): Worker {
    // The program's own flags (`--input-type` …) aren't for this thread.
    const workerData: WorkerData = { grammar: this.#grammar };
    const worker = new Worker(WORKER_FILE, { workerData, execArgv: [] });
    worker.on('message', (response: Response) => this.#onResponse(response));
    worker.on('error', (cause) => this.#onEnd(worker, cause));
    worker.on('exit', () => this.#onEnd(worker, undefined));
    worker.unref();
    return worker;
  }

  #onResponse(response: Response): void {
    const stream = this.#streams.get(response.stream);
    switch (response.type) {
      case 'opened':
        stream?.onOpened();
        return;
      case 'event':
        stream?.onEvent(response.event);
        return;
      case 'dropped':
        this.#log.warn('offline recognition fell behind', { droppedFrames: response.frameCount });
        return;
      case 'failed':
        stream?.fail(new StageError('STT', `Offline recognition failed: ${response.message}`, { retryable: true }));
    }
  }

  #onEnd(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const said = cause instanceof Error ? `: ${cause.message}` : '';
    for (const stream of Array.from(this.#streams.values())) {
      stream.fail(
        new StageError('STT', `The thread of offline recognition ended${said}. The next stream starts it again.`, {
          retryable: true,
          cause,
        }),
      );
    }
  }

  #forget(id: number): void {
    this.#streams.delete(id);
    // A thread that nobody needs doesn't keep the process alive.
    if (this.#streams.size === 0) this.#worker?.unref();
  }
}
