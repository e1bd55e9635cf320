// What the ear makes of its batches: when the agent's voice became audible, how long that was after the caller's last speech,
// and a recording of both. Pure.

import { Resampler } from '../../../src/audio/resampler.ts';
import { CallRecording, recordingRateHz } from './call-recording.ts';
import { breakMs, CallerSpeech } from './caller-speech.ts';
import type { EarBatch } from './ear-batch.ts';
import { halfWidthMs, type InstantSpan, middleMs } from './instants.ts';
import { phaseStepMs } from './phased-windows.ts';
import { VoiceOnsets } from './voice-onsets.ts';

/** The agent's voice became audible after a silence. */
export interface HeardOnset {
  /** Start of its first audible window, on the ear's clock. */
  readonly audible: InstantSpan;
  readonly gap:
    | {
        readonly type: 'measured';
        /** End of the caller's last speech before it. */
        readonly speechEnd: InstantSpan;
        /** From there to the first audible sample. */
        readonly ms: number;
        /** What the windows of the two detectors leave open. */
        readonly errorMs: number;
      }
    /** The caller was still speaking. */
    | { readonly type: 'speaking' }
    /** The caller had said nothing before. */
    | { readonly type: 'none' };
}

/** The detectors' windows reach so far beyond what must have been heard. */
const slackMs = 20;

export class Hearing {
  readonly recording = new CallRecording();
  readonly #sampleRateHz: number;
  readonly #onHeard: (onset: HeardOnset) => void;
  readonly #speech = new CallerSpeech(recordingRateHz);
  readonly #onsets: VoiceOnsets;
  readonly #callerResampler: Resampler;
  readonly #agentResampler: Resampler;
  /** Of the first batch: where the streams of the detectors begin on the ear's clock. */
  #beginsAtMs: number | undefined;
  #pending: InstantSpan[] = [];

  /** `sampleRateHz`: of the context. */
  constructor(sampleRateHz: number, onHeard: (onset: HeardOnset) => void) {
    this.#sampleRateHz = sampleRateHz;
    this.#onHeard = onHeard;
    this.#onsets = new VoiceOnsets(sampleRateHz);
    this.#callerResampler = new Resampler(sampleRateHz, recordingRateHz);
    this.#agentResampler = new Resampler(sampleRateHz, recordingRateHz);
  }

  /** Batches follow each other without a gap. */
  take({ startFrame, frames, callerIsThere, pcm }: EarBatch): void {
    this.#beginsAtMs ??= (startFrame / this.#sampleRateHz) * 1000;
    const half = pcm.length / 2;
    const agent = int16Of(pcm.subarray(half, half + frames));
    // As the agent hears it: it decodes at this rate.
    const caller = this.#callerResampler.push(int16Of(pcm.subarray(0, frames)));
    this.#speech.push(caller, callerIsThere);
    this.recording.push(caller, this.#agentResampler.push(agent));
    this.#pending.push(...this.#onsets.push(agent));
    const heardMs = ((startFrame + frames) / this.#sampleRateHz) * 1000 - this.#beginsAtMs;
    this.#settle(heardMs, this.#beginsAtMs);
  }

  #settle(heardMs: number, beginsAtMs: number): void {
    const isSettled = ({ latestMs }: InstantSpan): boolean => heardMs >= latestMs + breakMs + slackMs;
    for (const onset of this.#pending.filter(isSettled)) {
      this.#onHeard({ audible: later(onset, beginsAtMs), gap: this.#gapBefore(onset, beginsAtMs) });
    }
    this.#pending = this.#pending.filter((onset) => !isSettled(onset));
  }

  #gapBefore(onset: InstantSpan, beginsAtMs: number): HeardOnset['gap'] {
    const before = this.#speech.before(middleMs(onset));
    if (before.type !== 'ended') return before;
    return {
      type: 'measured',
      speechEnd: later(before.end, beginsAtMs),
      ms: middleMs(onset) - middleMs(before.end),
      errorMs: halfWidthMs(onset) + halfWidthMs(before.end) + phaseStepMs,
    };
  }
}

function later({ earliestMs, latestMs }: InstantSpan, byMs: number): InstantSpan {
  return { earliestMs: earliestMs + byMs, latestMs: latestMs + byMs };
}

function int16Of(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));
}
