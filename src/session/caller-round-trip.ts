// The way to a caller whose page does not help: their program is asked for nothing it has, some times, and how long the refusal
// takes bounds the way. Somebody else's front end answers so; a telephone's bridge would too, and say nothing of the telephone.

import type { Clock, Timer } from '../lib/clock.ts';
import type { Room } from '../room/port.ts';

export interface CallerRoundTripOptions {
  readonly identity: string;
  readonly room: Pick<Room, 'measureRoundTrip' | 'participants'>;
  readonly clock: Clock;
  /** Whether the caller's page tells more than this would, at present. */
  readonly isHelped: () => boolean;
  readonly onRoundTrip: (endedAtMs: number, ms: number) => void;
}

/** A page that helps has answered its first pings by then. */
const FIRST_AFTER_MS = 500;
/** The fastest of a few is nearest to the way alone; the first turn of a call wants it. */
const FIRST_PERIOD_MS = 250;
const FIRST_COUNT = 3;
/** A turn takes the fastest round trip of the six seconds around it: two or three. */
const PERIOD_MS = 5000;
/** Whoever has not answered so many has no program that does. */
const UNANSWERED_COUNT = 3;

export class CallerRoundTrip {
  readonly #options: CallerRoundTripOptions;
  #answeredCount = 0;
  #unansweredCount = 0;
  #closed = false;
  #timer: Timer;

  /** Asks from half a second on, until `close`, or until it is clear that nobody answers. */
  constructor(options: CallerRoundTripOptions) {
    this.#options = options;
    this.#timer = options.clock.after(FIRST_AFTER_MS, () => void this.#ask());
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#timer.cancel();
  }

  async #ask(): Promise<void> {
    const { identity, room, clock, isHelped, onRoundTrip } = this.#options;
    if (!isHelped() && this.#isProgram) {
      const ms = await room.measureRoundTrip(identity);
      if (this.#closed) return;
      if (ms !== undefined) onRoundTrip(clock.nowMs(), ms);
      this.#answeredCount += ms === undefined ? 0 : 1;
      this.#unansweredCount = ms === undefined ? this.#unansweredCount + 1 : 0;
    }
    if (this.#unansweredCount >= UNANSWERED_COUNT) return;
    const isFirst = this.#answeredCount < FIRST_COUNT && this.#unansweredCount === 0 && !isHelped();
    this.#timer = clock.after(isFirst ? FIRST_PERIOD_MS : PERIOD_MS, () => void this.#ask());
  }

  /** Of the caller's own: agents are not asked, and what lies behind a telephone's bridge does not answer. */
  get #isProgram(): boolean {
    return this.#options.room.participants.get(this.#options.identity)?.kind === 'standard';
  }
}
