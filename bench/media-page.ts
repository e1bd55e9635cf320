// What a caller's page does for the account of a turn (docs/latency.md), without a browser: answers the agent's pings, and tells
// each second which of its packets were played.

import type { Clock } from '../src/lib/clock.ts';
import { Ticker } from '../src/lib/ticker.ts';
import type { AudioSubscription, Room, RoomEvent } from '../src/room/port.ts';
import type { RtpPacket } from '../src/rtp/packet.ts';
import { CLOCK_TOPIC, PLAYOUT_TOPIC } from '../src/session/page-messages.ts';

/** As often as web-demo/src/account-helper.ts reports, and as often as it tells of a packet. */
const REPORT_PERIOD_MS = 1000;
const TOLD_PERIOD_MS = 100;
/** What a browser's jitter buffer holds on a good line. */
const BUFFERED_MS = 40;

export class AccountPage {
  readonly #room: Room;
  readonly #clock: Clock;
  readonly #agent: string;
  readonly #subscription: AudioSubscription;
  readonly #ticker: Ticker;
  #played: (readonly [rtpTimestamp: number, epochMs: number, withinMs: number])[] = [];
  #toldAtMs = Number.NEGATIVE_INFINITY;

  /** `agent`: its identity. From now on, until `close`. */
  constructor(room: Room, clock: Clock, agent: string) {
    this.#room = room;
    this.#clock = clock;
    this.#agent = agent;
    this.#ticker = new Ticker(clock, REPORT_PERIOD_MS, () => this.#report());
    this.#subscription = room.subscribeAudio(agent, {
      onPacket: (packet) => this.#note(packet),
      onMuted: () => undefined,
    });
  }

  receive(event: RoomEvent): void {
    if (event.type !== 'data' || event.topic !== CLOCK_TOPIC) return;
    const ping = Number(/"ping":(\d+)/.exec(new TextDecoder().decode(event.payload))?.[1]);
    const epochMs = this.#epochMs;
    this.#send({ ping, receivedEpochMs: epochMs, answeredEpochMs: epochMs, resolutionMs: 0.1 }, CLOCK_TOPIC, false);
  }

  close(): void {
    this.#ticker.stop();
    this.#subscription.close();
  }

  #note({ rtpTimestamp, arrivedAtMs }: RtpPacket): void {
    if (arrivedAtMs - this.#toldAtMs < TOLD_PERIOD_MS) return;
    this.#toldAtMs = arrivedAtMs;
    this.#played.push([rtpTimestamp, this.#epochMs + BUFFERED_MS, 0]);
  }

  #report(): void {
    const played = this.#played;
    this.#played = [];
    if (played.length > 0) this.#send({ played, bufferedMs: BUFFERED_MS, outputMs: 20 }, PLAYOUT_TOPIC, true);
  }

  get #epochMs(): number {
    return this.#room.epochOffsetMs + this.#clock.nowMs();
  }

  #send(message: unknown, topic: string, reliable: boolean): void {
    const payload = new TextEncoder().encode(JSON.stringify(message));
    this.#room.sendData(payload, { topic, reliable, destinationIdentities: [this.#agent] });
  }
}
