// From positions in the spoken text to positions in the source: how much of a reply has been said.

import { isUntouched, type SpokenText } from './spoken-text.ts';

interface MappedRun {
  readonly run: SpokenText;
  readonly spokenStart: number;
  readonly spokenEnd: number;
}

/** Append the runs of one `SpeakableText` in their order. */
export class SourceMap {
  readonly #runs: MappedRun[] = [];

  append(run: SpokenText): void {
    const spokenStart = this.#runs.at(-1)?.spokenEnd ?? 0;
    this.#runs.push({ run, spokenStart, spokenEnd: spokenStart + run.text.length });
  }

  /**
   * How many characters of the source have been said once `spokenCharacters` of the spoken text have. Monotonic. What was
   * rewritten counts when it is complete, what was left out as soon as all before it has been said; before the first
   * spoken character nothing counts.
   */
  sourceCharacters(spokenCharacters: number): number {
    const total = this.#runs.at(-1)?.spokenEnd ?? 0;
    if (total > 0 && spokenCharacters <= 0) return 0;
    const current = this.#runs[this.#firstUnfinished(spokenCharacters)];
    if (current === undefined) return this.#runs.at(-1)?.run.sourceEnd ?? 0;
    const { run, spokenStart } = current;
    return isUntouched(run) ? run.sourceStart + Math.floor(spokenCharacters - spokenStart) : run.sourceStart;
  }

  /** Index of the first run that ends after `spokenCharacters`; the number of runs where none does. */
  #firstUnfinished(spokenCharacters: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const isDone = (this.#runs[middle]?.spokenEnd ?? 0) <= spokenCharacters;
      if (isDone) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
