// A sound model that says what a test tells it to, some time after it was asked.

import type { SoundModel } from '../../src/audio/sound-model.ts';
import type { Clock } from '../../src/lib/clock.ts';

export class ScriptedSoundModel implements SoundModel {
  readonly name = 'scripted';
  /** How long each sound was that was to be judged. */
  readonly heardMs: number[] = [];
  readonly #clock: Clock;
  readonly #script: (number | undefined)[];
  readonly #lagMs: number;

  /** Answers by `script`, one each, and by nothing after that. */
  constructor(clock: Clock, script: readonly (number | undefined)[], { lagMs = 60 } = {}) {
    this.#clock = clock;
    this.#script = [...script];
    this.#lagMs = lagMs;
  }

  warmUp(): Promise<void> {
    return Promise.resolve();
  }

  judge(samples: Int16Array): Promise<number | undefined> {
    this.heardMs.push(samples.length / 16);
    const answer = this.#script.shift();
    return new Promise((resolve) => void this.#clock.after(this.#lagMs, () => resolve(answer)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
