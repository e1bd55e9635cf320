// The acoustic truth of one turn, from what was put into the caller's track and what came out of the agent's, both on one clock:
// the detectors of DESIGN 2 on levels of 10 ms windows. Pure.

import { SpeechLevel } from '../../src/audio/speech-level.ts';
import { WINDOW_MS } from '../../test/e2e/pcm.ts';

/** 10 ms of a track. */
export interface TrackWindow {
  readonly dbfs: number;
  /**
   * Into the caller's track: when its last sample was there, as blocks of a microphone come once they are whole. Out of the
   * agent's: when its first sample was there, as a receiver hands blocks out to be played.
   */
  readonly atMs: number;
}

/** First audible: two consecutive windows above this. */
const AUDIBLE_DBFS = -40;

/** Of each window, whether it is loud enough for speech. */
export function loudWindows(windows: readonly TrackWindow[]): readonly boolean[] {
  const level = new SpeechLevel();
  return windows.map(({ dbfs }) => level.isLoud(dbfs));
}

/** When the speech ended that lies in the track between two places; undefined where there is none. */
export function endOfSpeechAtMs(
  windows: readonly TrackWindow[],
  isLoud: readonly boolean[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): number | undefined {
  const last = isLoud.lastIndexOf(true, toMs / WINDOW_MS - 1);
  return last < fromMs / WINDOW_MS ? undefined : windows[last]?.atMs;
}

/** When something became audible after `afterMs`; undefined where nothing did. */
export function firstAudibleAtMs(windows: readonly TrackWindow[], afterMs: number): number | undefined {
  return windows.find(
    ({ atMs, dbfs }, index) =>
      atMs > afterMs && dbfs > AUDIBLE_DBFS && (windows[index + 1]?.dbfs ?? -100) > AUDIBLE_DBFS,
  )?.atMs;
}
