// Puts both sides of a call into a recording, each piece where the caller had it: when they spoke it, when they heard it. That is
// known only after a while, when their page or their sender reports have told.

import type { AudioFrame } from '../audio/frame.ts';
import type { Clock } from '../lib/clock.ts';
import type { Room } from '../room/port.ts';
import type { CallerClocks } from './caller-clocks.ts';

/** What takes the audio. */
export interface RecordedCall {
  /** 16 kHz; `atMs`: when the first sample was captured. */
  caller(samples: Int16Array, atMs: number): void;
  /** `atMs`: when the first sample was heard. */
  agent(samples: Int16Array, sampleRateHz: number, atMs: number): void;
  /** Resolves once it takes nothing any more, for whatever reason. Absent: as long as the call lasts. */
  readonly stopped?: Promise<void>;
}

/** Of the agent's participant, `true` while it records: front ends show it, and others can leave. */
const RECORDING_ATTRIBUTE = 'repartee.recording';

/** Says where a piece belongs, as far as is known by now. */
type Placed = { readonly takenAtMs: number; readonly put: () => void };

/** Reports of what was played come several times a second. */
const WAIT_MS = 1000;

export class CallRecorder {
  readonly #recording: RecordedCall;
  readonly #clock: Clock;
  readonly #waiting: Placed[] = [];
  /** As last known: from capture to arrival, and from sending to playing. What is not known is as it was before. */
  #uplinkMs = 0;
  #playoutMs = 0;
  #closed = false;

  constructor(recording: RecordedCall, clock: Clock) {
    this.#recording = recording;
    this.#clock = clock;
  }

  /** Says in the room that it records, for as long as it does. */
  async announce(room: Pick<Room, 'setAttributes'>): Promise<void> {
    room.setAttributes({ [RECORDING_ATTRIBUTE]: 'true' });
    const { stopped } = this.#recording;
    if (stopped === undefined) return;
    await stopped;
    if (!this.#closed) room.setAttributes({ [RECORDING_ATTRIBUTE]: '' });
  }

  /** A frame of the caller as it was decoded. */
  heard({ samples, source, arrivedAtMs }: AudioFrame, clocks: Pick<CallerClocks, 'captured'>): void {
    this.#later(() => {
      const captured = source && clocks.captured(source);
      if (captured !== undefined) this.#uplinkMs = arrivedAtMs - captured.atMs;
      this.#recording.caller(samples, arrivedAtMs - this.#uplinkMs);
    });
  }

  /** A frame of the agent that was sent; `clocks`: of whoever hears it. */
  sent(
    frame: {
      readonly samples: Int16Array;
      readonly sampleRateHz: number;
      readonly atMs: number;
      readonly rtpTimestamp: number;
    },
    clocks: Pick<CallerClocks, 'heard'> | undefined,
  ): void {
    const { sampleRateHz, atMs, rtpTimestamp } = frame;
    // The playout may use its buffer again.
    const samples = frame.samples.slice();
    this.#later(() => {
      const heard = clocks?.heard(rtpTimestamp, atMs);
      // An estimate is too wide to place sound by.
      if (heard?.basis === 'reported') this.#playoutMs = heard.played.atMs - atMs;
      this.#recording.agent(samples, sampleRateHz, atMs + this.#playoutMs);
    });
  }

  /** Nothing more will be known of what waits: the caller is gone. */
  flush(): void {
    for (const { put } of this.#waiting.splice(0)) put();
  }

  /** The call is over. Idempotent. */
  close(): void {
    this.#closed = true;
    this.flush();
  }

  /** Frames come 50 times a second, from one side at least: they are the clock. */
  #later(put: () => void): void {
    const nowMs = this.#clock.nowMs();
    this.#waiting.push({ takenAtMs: nowMs, put });
    for (
      let first = this.#waiting[0];
      first !== undefined && nowMs - first.takenAtMs >= WAIT_MS;
      first = this.#waiting[0]
    ) {
      first.put();
      this.#waiting.shift();
    }
  }
}
