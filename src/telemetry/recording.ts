// A call as a stereo WAV file, as both sides heard it: the caller left at the instants of capture, the agent right at those of
// playout. Streams to disk with bounded memory; whenever the process dies, what is there is a valid file.
// Leaves out: more than one caller at a time, compression.

import { type FileHandle, open } from 'node:fs/promises';

import { Resampler } from '../audio/resampler.ts';
import { wavHeader } from '../audio/wav.ts';
import type { Clock } from '../lib/clock.ts';
import { ConfigurationError } from '../lib/errors.ts';
import { Ticker } from '../lib/ticker.ts';
import { type Channel, StereoTimeline } from './stereo-timeline.ts';

/** What callers are decoded at; half of what fills a disk otherwise, and as good as most telephones will ever be. */
export const RECORDING_RATE_HZ = 16_000;
/** A process that dies loses so much more at most. */
const WRITE_PERIOD_MS = 1000;
/** A disk that falls behind by more than this doesn't keep up with two voices: a minute, 4 MB. */
const MAX_UNWRITTEN_BYTES = 60 * RECORDING_RATE_HZ * 4;
/** Sizes in the header have 32 bits: some 18 hours. */
const MAX_DATA_BYTES = 2 ** 32 - 1 - 36;
const BYTES_PER_MOMENT = 4;

export interface RecordingOptions {
  readonly path: string;
  readonly clock: Clock;
  /** The file can't be written any more: what it holds is complete up to here. */
  readonly onFault: (error: Error) => void;
}

export class Recording {
  readonly #options: RecordingOptions;
  readonly #file: FileHandle;
  readonly #timeline: StereoTimeline;
  readonly #ticker: Ticker;
  readonly #stopped = Promise.withResolvers<void>();
  #resampler: { readonly fromHz: number; readonly resampler: Resampler } | undefined;
  #writing: Promise<void> = Promise.resolve();
  #dataBytes = 0;
  #unwrittenBytes = 0;
  #ended = false;
  #failed = false;

  /** Begins now. Throws a `ConfigurationError` where the file can't be written. */
  static async create(options: RecordingOptions): Promise<Recording> {
    let file: FileHandle | undefined;
    try {
      // What people said is for whoever asked for it alone.
      file = await open(options.path, 'w', 0o600);
      await file.write(header(0), 0);
      return new Recording(options, file);
    } catch (cause) {
      await file?.close();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigurationError(`The recording can't be written to ${options.path}: ${reason}.`, { cause });
    }
  }

  private constructor(options: RecordingOptions, file: FileHandle) {
    this.#options = options;
    this.#file = file;
    this.#timeline = new StereoTimeline({ sampleRateHz: RECORDING_RATE_HZ, startAtMs: options.clock.nowMs() });
    this.#ticker = new Ticker(options.clock, WRITE_PERIOD_MS, () => {
      this.#write(this.#timeline.takeUntil(options.clock.nowMs() - this.#timeline.holdMs));
    });
  }

  /** Resolves once nothing is recorded any more: it has ended, or failed. */
  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  /** Audio that came too late for its place, or that two pieces claimed; in samples. */
  get lostSamples(): number {
    return this.#timeline.lostSamples;
  }

  /** 20 ms of the caller at 16 kHz, the first sample captured at `atMs`. */
  caller(samples: Int16Array, atMs: number): void {
    this.#put('left', samples, atMs);
  }

  /** Audio of the agent, the first sample heard at `atMs`. */
  agent(samples: Int16Array, sampleRateHz: number, atMs: number): void {
    this.#put('right', sampleRateHz === RECORDING_RATE_HZ ? samples : this.#resampled(samples, sampleRateHz), atMs);
  }

  /** Writes all that there is. Idempotent; never rejects. */
  async end(): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.#stopped.resolve();
      this.#ticker.stop();
      this.#write(this.#timeline.takeAll(this.#options.clock.nowMs()));
      this.#writing = this.#writing.then(async () => this.#file.close()).catch((error: unknown) => this.#fail(error));
    }
    await this.#writing;
  }

  #put(channel: Channel, samples: Int16Array, atMs: number): void {
    if (!this.#ended && !this.#failed) this.#timeline.put(channel, samples, atMs);
  }

  #resampled(samples: Int16Array, fromHz: number): Int16Array {
    if (this.#resampler?.fromHz !== fromHz) {
      this.#resampler = { fromHz, resampler: new Resampler(fromHz, RECORDING_RATE_HZ) };
    }
    return this.#resampler.resampler.push(samples);
  }

  /** One after the other; each piece is followed by the header that counts it. */
  #write(interleaved: Int16Array): void {
    const bytes = Buffer.from(interleaved.buffer, interleaved.byteOffset, interleaved.byteLength);
    if (bytes.length === 0 || this.#failed) return;
    this.#unwrittenBytes += bytes.length;
    if (this.#unwrittenBytes > MAX_UNWRITTEN_BYTES) {
      this.#fail(new Error('the disk does not keep up'));
      return;
    }
    this.#writing = this.#writing
      .then(async () => this.#append(bytes))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#unwrittenBytes -= bytes.length;
      });
  }

  async #append(bytes: Buffer): Promise<void> {
    if (this.#failed) return;
    if (this.#dataBytes + bytes.length > MAX_DATA_BYTES) throw new Error('a WAV file can hold no more');
    const start = header(0).length + this.#dataBytes;
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, start + written);
      written += bytesWritten;
    }
    this.#dataBytes += bytes.length;
    await this.#file.write(header(this.#dataBytes), 0, undefined, 0);
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#stopped.resolve();
    this.#options.onFault(error instanceof Error ? error : new Error(String(error)));
  }
}

function header(dataBytes: number): Uint8Array {
  return wavHeader({ sampleRateHz: RECORDING_RATE_HZ, channelCount: BYTES_PER_MOMENT / 2, dataBytes });
}
