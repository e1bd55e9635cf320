// Speech to text: a stream that takes the caller's frames and yields typed events in RTP time.

import type { AudioFrame } from '../audio/frame.ts';

/** A recognised word; timestamps are extended RTP timestamps (48000 Hz ticks) of the caller's track. */
export interface SttWord {
  readonly text: string;
  readonly startTimestamp: number;
  readonly endTimestamp: number;
}

export type SttEvent =
  /** May be revised. Covers everything since the last final. */
  | {
      readonly type: 'interim';
      readonly text: string;
      readonly words: readonly SttWord[];
      /** The audio is recognised up to here. */
      readonly endTimestamp: number;
    }
  /**
   * Will not be revised. `text` is empty where nothing was said. `rejected`: there was speech, and the recogniser is sure
   * that it can't say what (speech outside its grammar). `answersFinalize`: the answer to a call of `finalize`.
   */
  | {
      readonly type: 'final';
      readonly text: string;
      readonly words: readonly SttWord[];
      readonly endTimestamp: number;
      readonly rejected: boolean;
      readonly answersFinalize: boolean;
    };

/** One participant's recognition; belongs to one session. */
export interface SttStream {
  /** Takes the next frame without waiting; frames come in order, silence included. */
  write(frame: AudioFrame): void;
  /** Asks for a final of what was written so far. Exactly one final with `answersFinalize` follows each call. */
  finalize(): void;
  /** Ends when closed; throws a `StageError` when recognition has failed for good. Read by one consumer. */
  readonly events: AsyncIterable<SttEvent>;
  close(): void;
}

export interface SpeechToText {
  /** For the log and the account: `deepgram nova-3`, `offline`. */
  readonly name: string;
  /** Whether its events say when each word was spoken; otherwise `words` is empty. */
  readonly wordTimes: boolean;
  /**
   * Whether a final may be asked for at each pause of the caller, so that it has come by the time the turn is decided. Not
   * where the final cuts a sentence in two (a grammar) or is paid for each (whole turns). Default: no.
   */
  readonly finalsAtPauses?: boolean;
  /** Whether it recognises whole turns only: no words before a final is asked for, and that takes longer. Default: no. */
  readonly wholeTurns?: boolean;
  /** Opens a stream. Resolves once it can take audio; rejects with a `StageError`, or the signal's reason. */
  open(options: { readonly signal: AbortSignal }): Promise<SttStream>;
  /** Releases what the streams share. */
  close(): Promise<void>;
}
