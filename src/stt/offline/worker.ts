// The recognising thread: all streams of the process, one frame each in turn, so that none waits for another's backlog.

import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../lib/clock.ts';
import { DecoderFactory, type UtteranceDecoder } from './decoder.ts';
import { DecoderPool } from './decoder-pool.ts';
import type { Request, Response, WorkerData } from './protocol.ts';
import { Recognition, type TimedSamples } from './recognition.ts';

/** How long audio may wait. Older audio is left out, so that the caller isn't answered about the past. */
const LONGEST_WAIT_MS = 5000;
/** Audio that may come at once, in frames of 20 ms: a turn in batch, of at most a minute, and what follows it. */
const BACKLOG_FRAMES = 3250;

/** With so many frames waiting, recognition lags behind: it then tells at least this often how far it has come. */
const BEHIND_FRAMES = 10;
const PROGRESS_MS = 200;

type Item = (TimedSamples & { readonly arrivedAtMs: number }) | 'finalize';

class Stream {
  readonly id: number;
  readonly decoder: UtteranceDecoder;
  readonly #recognition: Recognition;
  readonly #items: Item[] = [];
  #frameCount = 0;
  #droppedCount = 0;
  #toldAtMs = 0;

  constructor(id: number, decoder: UtteranceDecoder) {
    this.id = id;
    this.decoder = decoder;
    this.#recognition = new Recognition(decoder, (event) => {
      this.#toldAtMs = systemClock.nowMs();
      respond({ type: 'event', stream: id, event });
    });
  }

  get idle(): boolean {
    return this.#items.length === 0;
  }

  push(item: Item): void {
    this.#items.push(item);
    if (item === 'finalize') return;
    this.#frameCount += 1;
    this.#leaveOutOldest(item.arrivedAtMs);
  }

  #leaveOutOldest(nowMs: number): void {
    const index = this.#items.findIndex((queued) => queued !== 'finalize');
    const oldest = this.#items[index];
    if (oldest === undefined || oldest === 'finalize') return;
    if (this.#frameCount <= BACKLOG_FRAMES && nowMs - oldest.arrivedAtMs <= LONGEST_WAIT_MS) return;
    this.#items.splice(index, 1);
    this.#frameCount -= 1;
    this.#droppedCount += 1;
  }

  /** Handles one item. */
  step(): void {
    if (this.#droppedCount > 0) {
      respond({ type: 'dropped', stream: this.id, frameCount: this.#droppedCount });
      this.#droppedCount = 0;
    }
    const item = this.#items.shift();
    if (item === undefined) return;
    if (item === 'finalize') {
      this.#recognition.finalize();
    } else {
      this.#frameCount -= 1;
      this.#recognition.write(item);
      const isOverdue = this.#frameCount >= BEHIND_FRAMES && systemClock.nowMs() - this.#toldAtMs >= PROGRESS_MS;
      if (isOverdue) this.#recognition.tellProgress();
    }
  }

  /** Ends an utterance that is under way, so that the decoder can be used again. */
  end(): void {
    this.#recognition.abandon();
  }
}

if (parentPort === null) throw new Error('this file is the body of a worker thread');
const port = parentPort;
const { grammar }: WorkerData = workerData;
const streams = new Map<number, Stream>();
const closedWhileOpening = new Set<number>();
const pool = new DecoderPool(await DecoderFactory.load(grammar));
let running = false;

function respond(response: Response): void {
  port.postMessage(response, []);
}

async function open(id: number): Promise<void> {
  const decoder = await pool.take();
  if (closedWhileOpening.delete(id)) {
    pool.give(decoder);
    return;
  }
  streams.set(id, new Stream(id, decoder));
  respond({ type: 'opened', stream: id });
  pool.refillSoon();
}

function close(id: number): void {
  const stream = streams.get(id);
  if (stream === undefined) {
    closedWhileOpening.add(id);
    return;
  }
  streams.delete(id);
  stream.end();
  pool.give(stream.decoder);
}

function run(): void {
  running = false;
  for (const stream of streams.values()) {
    try {
      stream.step();
    } catch (error) {
      // The decoder is in an unknown state: it is left to its memory rather than given to the next caller.
      streams.delete(stream.id);
      respond({ type: 'failed', stream: stream.id, message: error instanceof Error ? error.message : String(error) });
    }
  }
  runSoon();
}

/** Between two rounds the port is read. */
function runSoon(): void {
  if (running || Array.from(streams.values()).every((stream) => stream.idle)) return;
  running = true;
  setImmediate(run);
}

port.on('message', (request: Request) => {
  switch (request.type) {
    case 'open':
      open(request.stream).catch((error: unknown) => {
        respond({ type: 'failed', stream: request.stream, message: String(error) });
      });
      return;
    case 'audio':
      streams.get(request.stream)?.push({ ...request, arrivedAtMs: systemClock.nowMs() });
      runSoon();
      return;
    case 'finalize':
      streams.get(request.stream)?.push('finalize');
      runSoon();
      return;
    case 'close':
      close(request.stream);
  }
});
