// Who speaks, as the server tells it: `speakersChanged` carries changes only, so the rest is remembered here.

import type { SpeakerInfo } from '@livekit/protocol';

export class Speakers {
  /** Level, 0 to 1, by participant sid. */
  readonly #levels = new Map<string, number>();

  /** Takes the changes and gives the sids of all who speak now, the loudest first. Those who have left are forgotten. */
  apply(changes: readonly SpeakerInfo[], isHere: (sid: string) => boolean): readonly string[] {
    for (const { sid, level, active } of changes) {
      if (active) this.#levels.set(sid, level);
      else this.#levels.delete(sid);
    }
    for (const sid of this.#levels.keys()) if (!isHere(sid)) this.#levels.delete(sid);
    return [...this.#levels].toSorted(([, one], [, other]) => other - one).map(([sid]) => sid);
  }
}
