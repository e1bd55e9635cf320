// Which onset of the agent's voice is the answer of which turn. The agent tells of an answer when it sends the first audible
// packet; that is heard one way's delay and a jitter buffer later. Pure; instants are the page's.

/** What of an onset is needed to find its answer. */
export interface TimedOnset {
  /** It became audible. */
  readonly atMs: number;
}

/** News can be late by retransmissions and a busy page. */
const toldLateMs = 500;
/** Receivers hold audio back for less than this. */
const heardLateMs = 1500;
/** An answer is met within seconds, or never. */
const memory = 20;

interface Answer {
  readonly replyId: number;
  readonly toldAtMs: number;
}

export class AcousticTurns<Onset extends TimedOnset> {
  #answers: Answer[] = [];
  #onsets: Onset[] = [];

  /** The first account of an answer has come. Returns the onset that fits best so far. */
  told(replyId: number, toldAtMs: number): Onset | undefined {
    if (this.#answers.some((answer) => answer.replyId === replyId)) return undefined;
    const answer = { replyId, toldAtMs };
    this.#answers = [...this.#answers, answer].slice(-memory);
    return this.#nearestTo(answer);
  }

  /** The agent's voice became audible. Returns the `replyId` of the answer for which it fits best of all onsets so far. */
  heard(onset: Onset): number | undefined {
    this.#onsets = [...this.#onsets, onset].slice(-memory);
    return this.#answers.findLast((answer) => this.#nearestTo(answer) === onset)?.replyId;
  }

  #nearestTo({ toldAtMs }: Answer): Onset | undefined {
    const distance = ({ atMs }: Onset): number => Math.abs(atMs - toldAtMs);
    return this.#onsets
      .filter(({ atMs }) => atMs > toldAtMs - toldLateMs && atMs < toldAtMs + heardLateMs)
      .toSorted((one, other) => distance(one) - distance(other))[0];
  }
}
