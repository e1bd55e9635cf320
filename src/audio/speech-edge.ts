// Where speech ends, to 10 ms: the level detector that the latency account rests on. A VAD answers later and coarser,
// and leaves out unvoiced consonants.

import { TICKS_PER_MS } from '../rtp/packet.ts';
import type { AudioFrame } from './frame.ts';
import { LISTENING_RATE_HZ } from './frame.ts';
import { levelDbfs } from './level.ts';

/** The end of a loud window on the caller's time line, and when the packet that holds it arrived. */
export interface SpeechEnd {
  readonly timestamp: number;
  readonly arrivedAtMs: number;
}

const WINDOW_MS = 10;
const WINDOW_SAMPLES = (LISTENING_RATE_HZ * WINDOW_MS) / 1000;
const WINDOW_TICKS = WINDOW_MS * TICKS_PER_MS;
/** Below this nothing counts as speech, however quiet the line is. */
const MINIMUM_DBFS = -45;
const ABOVE_NOISE_FLOOR_DB = 10;
/** The floor follows a quieter line at once and a louder one slowly, so that speech itself does not raise it much. */
const FLOOR_RISE_DB_PER_WINDOW = 0.02;
/** Digital silence inside a frame counts as this. */
const SILENCE_DBFS = -90;
/** Loud windows that are remembered: five seconds. */
const MEMORY = 500;
/** The VAD may close before an unvoiced consonant ends; a loud window later than this is another sound. */
const AFTER_VOICE_TICKS = 200 * TICKS_PER_MS;

export class SpeechEdge {
  #floorDbfs = MINIMUM_DBFS - ABOVE_NOISE_FLOOR_DB;
  readonly #loud: SpeechEnd[] = [];

  observe({ samples, timestamp, origin, arrivedAtMs }: AudioFrame): void {
    if (origin === 'silence') return;
    for (let start = 0; start + WINDOW_SAMPLES <= samples.length; start += WINDOW_SAMPLES) {
      const level = Math.max(SILENCE_DBFS, levelDbfs(samples, start, start + WINDOW_SAMPLES));
      this.#floorDbfs = Math.min(level, this.#floorDbfs + FLOOR_RISE_DB_PER_WINDOW);
      if (level <= Math.max(MINIMUM_DBFS, this.#floorDbfs + ABOVE_NOISE_FLOOR_DB)) continue;
      const windowIndex = start / WINDOW_SAMPLES;
      this.#loud.push({ timestamp: timestamp + (windowIndex + 1) * WINDOW_TICKS, arrivedAtMs });
      if (this.#loud.length > MEMORY) this.#loud.shift();
    }
  }

  /** The end of the speech that the VAD says ended at `voiceEndedAt`; undefined where nothing loud is remembered. */
  endOfSpeech(voiceEndedAt: number): SpeechEnd | undefined {
    return this.#loud.findLast(({ timestamp }) => timestamp <= voiceEndedAt + AFTER_VOICE_TICKS);
  }
}
