// Frames into RTP packets of our own numbering: contiguous sequence numbers, timestamps that are true to real time.
// RFC 3550 section 5.1 (random starts), RFC 7587 section 4.1 (48 kHz clock), RFC 6464 (level).

import { randomInt } from 'node:crypto';
import type { OpusEncoder } from '../opus/port.ts';
import { TICKS_PER_MS, type OutgoingRtpPacket } from '../rtp/packet.ts';
import { wrapSerial } from '../rtp/serial.ts';
import { audioLevelDbov } from './level.ts';

/** `false` while the transport isn't up. */
export type SendPacket = (packet: OutgoingRtpPacket) => boolean;

export class OutgoingTrack {
  readonly #encoder: OpusEncoder;
  readonly #send: SendPacket;
  readonly #originAtMs: number;
  readonly #firstTimestamp = randomInt(2 ** 32);
  #sequenceNumber = randomInt(2 ** 16);

  constructor(encoder: OpusEncoder, send: SendPacket, originAtMs: number) {
    this.#encoder = encoder;
    this.#send = send;
    this.#originAtMs = originAtMs;
  }

  /** The last instant, not after `atMs`, that lies on a tick: timestamps of frames 20 ms apart then differ by exactly 960. */
  tickAtOrBefore(atMs: number): number {
    return this.#originAtMs + Math.floor((atMs - this.#originAtMs) * TICKS_PER_MS) / TICKS_PER_MS;
  }

  /** The 32 bit timestamp of an instant. */
  rtpTimestampAt(atMs: number): number {
    return wrapSerial(this.#firstTimestamp + Math.round((atMs - this.#originAtMs) * TICKS_PER_MS), 32);
  }

  /** Sends 20 ms that belong at `dueAtMs`. A packet that the transport did not take leaves no hole in the sequence. */
  send(samples: Int16Array, dueAtMs: number, marker: boolean): boolean {
    const sent = this.#send({
      sequenceNumber: this.#sequenceNumber,
      rtpTimestamp: this.rtpTimestampAt(dueAtMs),
      marker,
      payload: this.#encoder.encode(samples),
      audioLevelDbov: audioLevelDbov(samples),
      capturedAtMs: dueAtMs,
    });
    if (sent) this.#sequenceNumber = wrapSerial(this.#sequenceNumber + 1, 16);
    return sent;
  }

  close(): void {
    this.#encoder.close();
  }
}
