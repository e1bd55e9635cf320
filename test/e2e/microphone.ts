// A caller's microphone: feeds speech in real time, and exact silence between, 10 ms at a time (so that DTX works).

import { AudioFrame, AudioSource, LocalAudioTrack } from '@livekit/rtc-node';

import { systemClock } from '../../src/lib/clock.ts';
import type { Pcm } from './pcm.ts';
import { resample } from './resample.ts';

/** When speech went in (monotonic): its first sample, and just after its last. */
export interface Spoken {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

interface Utterance {
  readonly samples: Int16Array;
  position: number;
  startedAtMs: number | undefined;
  readonly done: PromiseWithResolvers<Spoken>;
}

const SAMPLE_RATE_HZ = 48_000;
const TICK_MS = 10;
const TICK_SAMPLES = (SAMPLE_RATE_HZ * TICK_MS) / 1000;

export class Microphone {
  readonly track: LocalAudioTrack;
  // Without a queue: rtc-node's own would add a standing delay.
  readonly #source = new AudioSource(SAMPLE_RATE_HZ, 1, 0);
  readonly #utterances: Utterance[] = [];
  readonly #startedAtMs = systemClock.nowMs();
  #tickCount = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(name = 'microphone') {
    this.track = LocalAudioTrack.createAudioTrack(name, this.#source);
    this.#scheduleTick();
  }

  /** Says it, after what is being said already. Resolves when the last sample has gone in. */
  async say(pcm: Pcm): Promise<Spoken> {
    const { samples } = resample(pcm, SAMPLE_RATE_HZ);
    const done = Promise.withResolvers<Spoken>();
    this.#utterances.push({ samples, position: 0, startedAtMs: undefined, done });
    return done.promise;
  }

  /** Muted, the track sends nothing at all, and the others are told. Takes effect at once. */
  setMuted(muted: boolean): void {
    // rtc-node wraps all of the native library but this request; its client is a global.
    const { _ffiClientInstance: nativeClient } = globalThis;
    nativeClient?.request({
      message: { case: 'localTrackMute', value: { trackHandle: this.track.ffi_handle.handle, mute: muted } },
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const { done } of this.#utterances.splice(0)) done.reject(new Error('the microphone was closed'));
    await this.track.close(true);
  }

  #scheduleTick(): void {
    const dueAtMs = this.#startedAtMs + this.#tickCount * TICK_MS;
    this.#timer = setTimeout(() => this.#catchUp(), Math.max(0, dueAtMs - systemClock.nowMs()));
  }

  /** A timer that came late is made up for: the audio's own time never drifts. */
  #catchUp(): void {
    while (!this.#closed && this.#startedAtMs + this.#tickCount * TICK_MS <= systemClock.nowMs()) {
      this.#tickCount += 1;
      this.#feed();
    }
    if (!this.#closed) this.#scheduleTick();
  }

  #feed(): void {
    const utterance = this.#utterances[0];
    const samples = new Int16Array(TICK_SAMPLES);
    if (utterance !== undefined) {
      utterance.startedAtMs ??= systemClock.nowMs();
      samples.set(utterance.samples.subarray(utterance.position, utterance.position + TICK_SAMPLES));
      utterance.position += TICK_SAMPLES;
    }
    const fed = this.#source.captureFrame(new AudioFrame(samples, SAMPLE_RATE_HZ, 1, TICK_SAMPLES));
    if (utterance === undefined) {
      // Silence that gets lost while the track goes away is nobody's loss.
      fed.catch(() => undefined);
    } else if (utterance.position >= utterance.samples.length) {
      this.#utterances.shift();
      const { done, startedAtMs = systemClock.nowMs() } = utterance;
      fed.then(() => done.resolve({ startedAtMs, endedAtMs: systemClock.nowMs() }), done.reject);
    } else {
      fed.catch(utterance.done.reject);
    }
  }
}
