// How long to wait in a pause before the turn counts as complete.

/** What a policy can go by. */
export interface TurnSoFar {
  /** The words since the turn began, as far as they are known. */
  readonly text: string;
  /** There was speech that the recogniser could not place. */
  readonly rejected: boolean;
}

/** Maps a turn so far to the silence, in milliseconds of audio time, after which it is complete. */
export type EndpointingPolicy = (turn: TurnSoFar) => number;

/** The same silence for every turn. */
export function fixedEndpointing(silenceMs: number): EndpointingPolicy {
  return () => silenceMs;
}
