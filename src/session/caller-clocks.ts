// What is known of one caller's clocks and ears: their packets, reports and page on one side, ours sent to them on the other.
// Goes with the caller.

import type { SpeechEnd } from '../audio/speech-edge.ts';
import { type BoundedInstant, shifted } from '../latency/bounded.ts';
import { type CaptureInstant, ClockMap } from '../latency/clock-map.ts';
import { estimatedHearing } from '../latency/estimated-hearing.ts';
import { PlayoutMap } from '../latency/playout-map.ts';
import type { SentPacket } from '../latency/sent-timestamps.ts';
import type { HeardMarks } from '../latency/turn-account.ts';
import type { Clock } from '../lib/clock.ts';
import type { AudioSink, Room, RoomEvent } from '../room/port.ts';
import { type RtpTime, TICKS_PER_MS } from '../rtp/packet.ts';
import { CallerPage } from './caller-page.ts';
import { CallerRoundTrip } from './caller-round-trip.ts';

export interface CallerClocksOptions {
  readonly identity: string;
  readonly room: Pick<Room, 'sendData' | 'measureRoundTrip' | 'participants'>;
  readonly clock: Clock;
}

export class CallerClocks {
  readonly #map = new ClockMap();
  readonly #playout = new PlayoutMap(this.#map.peerClock);
  readonly #page: CallerPage;
  readonly #roundTrip: CallerRoundTrip;
  readonly #isTelephone: boolean;

  constructor(options: CallerClocksOptions) {
    this.#isTelephone = options.room.participants.get(options.identity)?.kind === 'sip';
    this.#page = new CallerPage({
      ...options,
      onExchange: (exchange) => this.#map.observeExchange(exchange),
      onPlayed: (packet, bufferedMs) => this.#playout.observePlayed(packet, bufferedMs),
      onReceived: (packets) => this.#playout.observeReceived(packets),
    });
    this.#roundTrip = new CallerRoundTrip({
      ...options,
      isHelped: () => this.#page.helps,
      onRoundTrip: (endedAtMs, ms) => this.#map.observeRoundTrip(endedAtMs, ms),
    });
  }

  /** A sink that takes note of everything before it hands it on. */
  watching(sink: AudioSink): AudioSink {
    return {
      onPacket: (packet) => {
        this.#map.observePacket(packet);
        sink.onPacket(packet);
        this.#page.packetHandled(packet.arrivedAtMs);
      },
      onMuted: (muted) => sink.onMuted(muted),
      onSenderReport: (report) => {
        this.#map.observeReport(report);
        sink.onSenderReport?.(report);
      },
    };
  }

  /** Takes note of a packet of ours that was sent. */
  sent(packet: SentPacket): void {
    this.#playout.observeSent(packet);
  }

  /** Takes a data packet of the room; `false` where it is none of the caller's page. */
  receive(event: Extract<RoomEvent, { type: 'data' }>): boolean {
    return this.#page.receive(event);
  }

  /** When a sample reached the caller's track; undefined where nobody can tell. */
  captured(time: RtpTime): CaptureInstant | undefined {
    return this.#map.captureInstant(time);
  }

  /** When the caller's speech ended, in their track. */
  endOfSpeech({ source, laterTicks }: SpeechEnd): BoundedInstant | undefined {
    const captured = source && this.#map.captureInstant(source);
    return captured && shifted(captured, 0, laterTicks / TICKS_PER_MS);
  }

  /** When the caller heard a sample of ours: as their page tells, else by the round trip; undefined where nobody answers. */
  heard(rtpTimestamp: number, sentAtMs: number): HeardMarks | undefined {
    return this.#playout.heard(rtpTimestamp, sentAtMs) ?? this.#estimated(sentAtMs);
  }

  #estimated(sentAtMs: number): HeardMarks | undefined {
    const roundTripMs = this.#isTelephone ? undefined : this.#map.roundTripAround(sentAtMs);
    if (roundTripMs === undefined) return undefined;
    return estimatedHearing(sentAtMs, { roundTripMs, spreadMs: this.#map.roundTripSpreadAround(sentAtMs) });
  }

  /** From the caller's track to their loudspeaker, as their browser states it. */
  get outputMs(): number | undefined {
    return this.#page.outputMs;
  }

  close(): void {
    this.#page.close();
    this.#roundTrip.close();
  }
}
