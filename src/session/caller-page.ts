// The agent's side of a page that helps with the account: pings its clock, takes its answers and its reports of what it played.
// A caller without such a page answers nothing, and is asked less and less.
// To wake up for a ping costs a process more than the ping: each waits for the next packet of the caller's, if there are some.

import type { ClockExchange } from '../latency/peer-clock.ts';
import type { PlayedPacket, ReceivedPackets } from '../latency/playout-map.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Room, RoomEvent } from '../room/port.ts';
import { CLOCK_TOPIC, encodePing, parseClockAnswer, parsePlayoutReport, PLAYOUT_TOPIC } from './page-messages.ts';

export interface CallerPageOptions {
  readonly identity: string;
  readonly room: Pick<Room, 'sendData'>;
  readonly clock: Clock;
  readonly onExchange: (exchange: ClockExchange) => void;
  /** `bufferedMs`: the jitter buffer's mean delay at that time, where the page says. */
  readonly onPlayed: (packet: PlayedPacket, bufferedMs: number | undefined) => void;
  readonly onReceived: (packets: ReceivedPackets) => void;
}

/** A few quick ones, so that the first turn has its account; then enough to follow the drift and the way. */
const FIRST_PERIOD_MS = 250;
const FIRST_PINGS = 6;
/** With half as many, the bound of a turn is half a millisecond wider. */
const PERIOD_MS = 1000;
/** Whoever has answered none of so many pings has no page that does; it may yet be opened. */
const UNANSWERED_PINGS = 10;
const UNANSWERED_PERIOD_MS = 10_000;
/** Some get lost; so many in a row are no accident. */
const FEW_UNANSWERED_PINGS = 4;
/** Longer than the time between two packets of somebody who sends them; a ping that none came for goes out by itself. */
const PACKET_WITHIN_MS = 100;
/** Answers that take longer tell nothing, and pings that are remembered are few. */
const MAX_PENDING = 16;

export class CallerPage {
  readonly #options: CallerPageOptions;
  readonly #pending = new Map<number, number>();
  #pingCount = 0;
  #unansweredCount = 0;
  #hasAnswered = false;
  #outputMs: number | undefined;
  /** Never, once closed. */
  #dueAtMs: number;
  #packetAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer;

  /** Pings from now on, until `close`. */
  constructor(options: CallerPageOptions) {
    this.#options = options;
    this.#dueAtMs = options.clock.nowMs();
    this.#timer = options.clock.after(0, () => this.#ping());
  }

  /** Whether it has answered pings, and does not leave them unanswered now. */
  get helps(): boolean {
    return this.#hasAnswered && this.#unansweredCount < FEW_UNANSWERED_PINGS;
  }

  /** From the caller's track to their loudspeaker, as their browser states it; undefined where no page does. */
  get outputMs(): number | undefined {
    return this.#outputMs;
  }

  /** Takes a data packet of the room; `false` where it is none of this page's. */
  receive({ topic, payload, identity }: Extract<RoomEvent, { type: 'data' }>): boolean {
    if (identity !== this.#options.identity) return false;
    switch (topic) {
      case CLOCK_TOPIC:
        this.#receiveAnswer(payload, this.#options.clock.nowMs());
        return true;
      case PLAYOUT_TOPIC:
        this.#receivePlayout(payload);
        return true;
      default:
        return false;
    }
  }

  /** A packet of the caller's was dealt with: the process is awake. */
  packetHandled(arrivedAtMs: number): void {
    this.#packetAtMs = arrivedAtMs;
    if (arrivedAtMs >= this.#dueAtMs) this.#ping();
  }

  /** Idempotent. */
  close(): void {
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    this.#timer.cancel();
  }

  #ping(): void {
    const { room, clock, identity } = this.#options;
    const nowMs = clock.nowMs();
    const ping = this.#pingCount;
    this.#pingCount += 1;
    this.#unansweredCount += 1;
    this.#pending.set(ping, nowMs);
    for (const oldest of this.#pending.keys()) {
      if (this.#pending.size > MAX_PENDING) this.#pending.delete(oldest);
    }
    room.sendData(encodePing(ping), { topic: CLOCK_TOPIC, reliable: false, destinationIdentities: [identity] });
    this.#dueAtMs = nowMs + this.#periodMs;
    const graceMs = nowMs - this.#packetAtMs < PACKET_WITHIN_MS ? PACKET_WITHIN_MS : 0;
    this.#timer.cancel();
    this.#timer = clock.after(this.#periodMs + graceMs, () => this.#ping());
  }

  get #periodMs(): number {
    if (this.#unansweredCount >= UNANSWERED_PINGS) return UNANSWERED_PERIOD_MS;
    return this.#pingCount < FIRST_PINGS ? FIRST_PERIOD_MS : PERIOD_MS;
  }

  #receiveAnswer(payload: Uint8Array, arrivedAtMs: number): void {
    const answer = parseClockAnswer(payload);
    const sentAtMs = answer && this.#pending.get(answer.ping);
    if (answer === undefined || sentAtMs === undefined) return;
    this.#pending.delete(answer.ping);
    this.#unansweredCount = 0;
    this.#hasAnswered = true;
    const { receivedEpochMs, answeredEpochMs, resolutionMs } = answer;
    this.#options.onExchange({ sentAtMs, receivedEpochMs, answeredEpochMs, arrivedAtMs, resolutionMs });
  }

  #receivePlayout(payload: Uint8Array): void {
    const report = parsePlayoutReport(payload);
    if (report === undefined) return;
    this.#outputMs = report.outputMs ?? this.#outputMs;
    for (const [rtpTimestamp, epochMs, withinMs] of report.played) {
      this.#options.onPlayed({ rtpTimestamp, epochMs, withinMs }, report.bufferedMs);
    }
    for (const [epochMs, count, bufferedMs] of report.received ?? []) {
      this.#options.onReceived({ epochMs, count, bufferedMs });
    }
  }
}
