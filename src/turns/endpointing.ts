// How long to wait in a pause before the turn counts as complete. The adaptive policy is in endpointing/.

/** What a policy can go by. */
export interface TurnSoFar {
  /** The words since the turn began, as far as they are known. */
  readonly text: string;
  /** There was speech that the recogniser could not place. */
  readonly rejected: boolean;
  /** Voice before this pause that the words don't cover yet, in milliseconds. Default: none. */
  readonly uncoveredMs?: number;
  /** What the caller has heard of the agent just before, where the agent spoke last. */
  readonly agentSaid?: string | undefined;
  /** This caller's last pauses that ended no turn, in milliseconds. */
  readonly innerPausesMs?: readonly number[];
  /** The words are, as a whole, an answer that was expected. */
  readonly expected?: boolean;
  /** The probability (0 to 1) that the turn is complete by its sound, whatever its words are; undefined: not known. */
  readonly soundComplete?: number | undefined;
}

/** Maps a turn so far to the silence, in milliseconds of audio time, after which it is complete. */
export type EndpointingPolicy = (turn: TurnSoFar) => number;

/** The same silence for every turn. */
export function fixedEndpointing(silenceMs: number): EndpointingPolicy {
  return () => silenceMs;
}
