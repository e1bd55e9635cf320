// Voice activity of one caller: Silero VAD on 32 ms windows cut from the 20 ms frames, with hysteresis, in RTP time.
// Leaves out: the exact end of speech for the latency account, which is measured on the samples (speech-edge.ts).

import { OPUS_CLOCK_HZ, TICKS_PER_MS } from '../rtp/packet.ts';
import { LISTENING_RATE_HZ, type AudioFrame } from './frame.ts';
import { SileroModel, WINDOW_SAMPLES } from './silero/model.ts';
import { VoiceMovement } from './voice-movement.ts';

/** Timestamps are extended RTP timestamps (48 kHz ticks), at the resolution of a window (32 ms). */
export type VoiceEvent =
  /** `timestamp`: the beginning of the first voiced window. Comes once the voice has lasted `minimumSpeechMs`. */
  | { readonly type: 'voiceStarted'; readonly timestamp: number }
  /** `timestamp`: the end of the last voiced window. Comes once the silence has lasted `minimumSilenceMs`. */
  | { readonly type: 'voiceEnded'; readonly timestamp: number };

/** A change that what was last heard speaks for, and that is not certain yet. */
export type VoiceDoubt = 'mayHaveBegun' | 'mayHaveEnded';

/** Tells voice from everything else in one stream of frames. */
export interface VoiceDetector {
  process(frame: AudioFrame): readonly VoiceEvent[];
  readonly doubt?: VoiceDoubt | undefined;
  /** Of a voice under way: how fast it changes (voice-movement.ts), where that is known. */
  readonly movementDb?: number | undefined;
}

export interface VoiceActivitySettings {
  /** A voice begins in a window at or above this probability. 0.5 is what Silero's authors start from. */
  readonly startProbability?: number;
  /** It goes on while windows stay at or above this one: unvoiced consonants fall below the first. Theirs is start − 0.15. */
  readonly stopProbability?: number;
  /** Shorter sounds are clicks and knocks: two windows. */
  readonly minimumSpeechMs?: number;
  /** Three windows: the closure of a plosive lasts up to 100 ms and must not look like a pause. */
  readonly minimumSilenceMs?: number;
}

const TICKS_PER_SAMPLE = OPUS_CLOCK_HZ / LISTENING_RATE_HZ;
const WINDOW_TICKS = WINDOW_SAMPLES * TICKS_PER_SAMPLE;
const FULL_SCALE = 32_768;
/** −66 dBFS: 20 dB below the faintest end of speech that counts (speech-edge.ts). */
const INAUDIBLE_PEAK = 16;
/**
 * Inaudible windows that the model hears before it is left alone (256 ms). By then its state no longer changes
 * much, so that a voice that comes after any length of silence meets a model that knows silence.
 */
const SETTLING_WINDOWS = 8;

/**
 * Windows within a word are nearly always above it. At the end of a sound it is crossed 40 to 60 ms before the stop
 * probability, and some 150 ms before the end is certain (synthetic voices, 126 sentences and 77 backchannels).
 */
const CERTAIN_PROBABILITY = 0.9;

const NOTHING: readonly VoiceEvent[] = [];

/** A detector of its own for each caller; the weights of the model are shared. */
export function createVoiceDetector(settings?: VoiceActivitySettings): VoiceDetector {
  return new VoiceActivity(settings);
}

export class VoiceActivity implements VoiceDetector {
  readonly #model = new SileroModel();
  readonly #movement = new VoiceMovement();
  readonly #startProbability: number;
  readonly #stopProbability: number;
  readonly #minimumSpeechTicks: number;
  readonly #minimumSilenceTicks: number;
  readonly #window = new Float32Array(WINDOW_SAMPLES);
  #filledSamples = 0;
  /** Whether the window that is being filled holds anything audible. */
  #hasSound = false;
  /** Where the next frame should begin; undefined before the first. */
  #expectedTimestamp: number | undefined;
  #silentWindows = 0;
  #probability = 0;
  #speaking = false;
  /** While not speaking: the beginning of the voiced windows that may become speech. */
  #voicedSince: number | undefined;
  /** The end of the last voiced window. */
  #voicedUntil = 0;

  constructor({
    startProbability = 0.5,
    stopProbability = 0.35,
    minimumSpeechMs = 64,
    minimumSilenceMs = 96,
  }: VoiceActivitySettings = {}) {
    this.#startProbability = startProbability;
    this.#stopProbability = stopProbability;
    this.#minimumSpeechTicks = minimumSpeechMs * TICKS_PER_MS;
    this.#minimumSilenceTicks = minimumSilenceMs * TICKS_PER_MS;
  }

  /** Of the last window, 0 to 1. */
  get probability(): number {
    return this.#probability;
  }

  get doubt(): VoiceDoubt | undefined {
    if (this.#speaking) return this.#probability < CERTAIN_PROBABILITY ? 'mayHaveEnded' : undefined;
    return this.#voicedSince === undefined ? undefined : 'mayHaveBegun';
  }

  get movementDb(): number | undefined {
    return this.#speaking ? this.#movement.dbPer100Ms : undefined;
  }

  get speaking(): boolean {
    return this.#speaking;
  }

  /** Takes the next frame (16 kHz, any length, in order) and says what changed with the windows it completed. */
  process(frame: AudioFrame): readonly VoiceEvent[] {
    const events = this.#step(frame.timestamp);
    this.#movement.observe(frame.samples);
    for (let taken = 0; taken < frame.samples.length;) {
      const count = Math.min(frame.samples.length - taken, WINDOW_SAMPLES - this.#filledSamples);
      for (let n = 0; n < count; n += 1) {
        const sample = frame.samples[taken + n] ?? 0;
        this.#window[this.#filledSamples + n] = sample / FULL_SCALE;
        this.#hasSound ||= Math.abs(sample) > INAUDIBLE_PEAK;
      }
      this.#filledSamples += count;
      taken += count;
      if (this.#filledSamples === WINDOW_SAMPLES) {
        this.#completeWindow(frame.timestamp + taken * TICKS_PER_SAMPLE, events);
      }
    }
    this.#expectedTimestamp = frame.timestamp + frame.samples.length * TICKS_PER_SAMPLE;
    return events.length === 0 ? NOTHING : events;
  }

  /**
   * Time that nobody wrote. Less than a window is the rounding of fills to whole frames and changes nothing;
   * more is an absence, in which no voice goes on and after which the model starts afresh.
   */
  #step(timestamp: number): VoiceEvent[] {
    const gapTicks = timestamp - (this.#expectedTimestamp ?? timestamp);
    if (gapTicks < WINDOW_TICKS) return [];
    this.#model.reset();
    this.#movement.reset();
    this.#filledSamples = 0;
    this.#hasSound = false;
    this.#silentWindows = 0;
    this.#probability = 0;
    this.#voicedSince = undefined;
    if (!this.#speaking) return [];
    this.#speaking = false;
    return [{ type: 'voiceEnded', timestamp: this.#voicedUntil }];
  }

  #completeWindow(endTimestamp: number, events: VoiceEvent[]): void {
    this.#silentWindows = this.#hasSound ? 0 : this.#silentWindows + 1;
    const isSettled = !this.#speaking && this.#silentWindows > SETTLING_WINDOWS;
    this.#probability = isSettled ? 0 : this.#model.probability(this.#window);
    this.#filledSamples = 0;
    this.#hasSound = false;
    const event = this.#speaking ? this.#whileSpeaking(endTimestamp) : this.#whileSilent(endTimestamp);
    if (event !== undefined) events.push(event);
  }

  #whileSilent(endTimestamp: number): VoiceEvent | undefined {
    const goesOn = this.#voicedSince !== undefined && this.#probability >= this.#stopProbability;
    if (this.#probability < this.#startProbability && !goesOn) {
      this.#voicedSince = undefined;
      return undefined;
    }
    this.#voicedSince ??= endTimestamp - WINDOW_TICKS;
    this.#voicedUntil = endTimestamp;
    if (endTimestamp - this.#voicedSince < this.#minimumSpeechTicks) return undefined;
    const timestamp = this.#voicedSince;
    this.#voicedSince = undefined;
    this.#speaking = true;
    return { type: 'voiceStarted', timestamp };
  }

  #whileSpeaking(endTimestamp: number): VoiceEvent | undefined {
    if (this.#probability >= this.#stopProbability) {
      this.#voicedUntil = endTimestamp;
      return undefined;
    }
    if (endTimestamp - this.#voicedUntil < this.#minimumSilenceTicks) return undefined;
    this.#speaking = false;
    return { type: 'voiceEnded', timestamp: this.#voicedUntil };
  }
}
