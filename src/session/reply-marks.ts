// When the stages of one reply first had something. An opener is no content: it has a mark of its own.

import type { SentAt } from '../audio/playout.ts';
import type { Clock } from '../lib/clock.ts';

/** On the monotonic clock. */
export interface ReplyMarks {
  readonly startedAtMs: number;
  /** Of a draft: when it became the answer. */
  readonly releasedAtMs: number | undefined;
  /** The first audible packet of the opener was sent, where there is one. */
  readonly openerSentAtMs: number | undefined;
  /** The model wrote its first word, and was done. */
  readonly firstWordAtMs: number | undefined;
  readonly writtenAtMs: number | undefined;
  readonly firstChunkAtMs: number | undefined;
  readonly firstAudioAtMs: number | undefined;
  readonly audibleSentAtMs: number | undefined;
  /** Where the first audible window lies on our track (32 bit). */
  readonly audibleRtpTimestamp: number | undefined;
}

type Mark = Exclude<keyof ReplyMarks, 'startedAtMs' | 'audibleRtpTimestamp'>;

export class ReplyTimes {
  readonly #clock: Clock;
  #marks: ReplyMarks;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#marks = {
      startedAtMs: clock.nowMs(),
      releasedAtMs: undefined,
      openerSentAtMs: undefined,
      firstWordAtMs: undefined,
      writtenAtMs: undefined,
      firstChunkAtMs: undefined,
      firstAudioAtMs: undefined,
      audibleSentAtMs: undefined,
      audibleRtpTimestamp: undefined,
    };
  }

  get marks(): ReplyMarks {
    return this.#marks;
  }

  set(mark: Mark, atMs = this.#clock.nowMs()): void {
    this.#marks = { ...this.#marks, [mark]: atMs };
  }

  /** The first audible packet of the content was sent. */
  setAudible({ sentAtMs, rtpTimestamp }: SentAt): void {
    this.#marks = { ...this.#marks, audibleSentAtMs: sentAtMs, audibleRtpTimestamp: rtpTimestamp };
  }

  /** Sets the mark at the first item that counts; `onFirst` is called before anybody has it. */
  async *first<T>(
    mark: 'firstChunkAtMs' | 'firstAudioAtMs',
    items: AsyncIterable<T>,
    { counts, onFirst }: { readonly counts: (item: T) => boolean; readonly onFirst?: () => void },
  ): AsyncGenerator<T, void, undefined> {
    for await (const item of items) {
      if (this.#marks[mark] === undefined && counts(item)) {
        this.set(mark);
        onFirst?.();
      }
      yield item;
    }
  }
}
