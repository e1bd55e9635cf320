// The true gap of each turn of a script, from what passed through both tracks. Pure.

import { endOfSpeechAtMs, firstAudibleAtMs, loudWindows, type TrackWindow } from './edges.ts';
import type { ScriptedTurn } from './script.ts';

/** Of each turn: from the end of its speech to the first audible sample after it; undefined where one of them is missing. */
export function gaps(
  turns: readonly ScriptedTurn[],
  spoken: readonly TrackWindow[],
  heard: readonly TrackWindow[],
): readonly (number | undefined)[] {
  const isLoud = loudWindows(spoken);
  return turns.map((turn) => {
    const endAtMs = endOfSpeechAtMs(spoken, isLoud, turn);
    const audibleAtMs = endAtMs === undefined ? undefined : firstAudibleAtMs(heard, endAtMs);
    return endAtMs === undefined || audibleAtMs === undefined ? undefined : audibleAtMs - endAtMs;
  });
}
