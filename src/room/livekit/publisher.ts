// The peer connection that we offer: our one Opus track and the data channels that carry what we say.

import { randomUUID } from 'node:crypto';
import {
  MediaStream,
  MediaStreamTrack,
  RtcpRrPacket,
  RtcpSrPacket,
  RTP_EXTENSION_URI,
  RtpHeader,
  type RTCDataChannel,
  type RTCPeerConnection,
  type RTCRtpTransceiver,
} from 'werift';
import type { Clock } from '../../lib/clock.ts';
import { ABS_CAPTURE_TIME_URI, writeAbsCaptureTime } from '../../rtp/abs-capture-time.ts';
import { type OutgoingRtpPacket, TICKS_PER_MS } from '../../rtp/packet.ts';
import { type ReceptionReport, receptionReport } from '../../rtp/reports.ts';
import { wrapSerial } from '../../rtp/serial.ts';
import { addRemoteCandidate, createPeer, type PeerOptions } from './peer.ts';
import { askForPromptAcknowledgement, sendRtp } from './werift-costs.ts';
import { correctSenderReports, prepareTransport, type ReportedInstant } from './werift-defects.ts';

/** What may wait for the reliable channel to open: a few long texts. */
const MAX_WAITING_MESSAGES = 256;
/** How long leaving waits at most for the server to acknowledge what was said last, and how often it looks. */
const DRAIN_WITHIN_MS = 300;
const DRAIN_POLL_MS = 5;
/** The server hands messages on by another way than the news that we left, which would overtake them. */
const LINGER_MS = 100;

export interface PublisherOptions extends PeerOptions {
  readonly clock: Clock;
}

/** Sends what is ours. Descriptions must be passed in the order in which they came. */
export class Publisher {
  /** Ties the track that is announced to the one that is offered (`AddTrackRequest.cid`). */
  readonly cid = randomUUID();
  /** Resolves once packets can be sent; stays pending if that never happens. */
  readonly connected: Promise<void>;
  /** One offset for the whole call: a wall clock that is set meanwhile must not bend the receivers' clock maps. */
  readonly epochOffsetMs: number;
  readonly #clock: Clock;
  readonly #peer: RTCPeerConnection;
  readonly #transceiver: RTCRtpTransceiver;
  readonly #reliable: RTCDataChannel;
  readonly #lossy: RTCDataChannel;
  readonly #waiting: Uint8Array[] = [];
  #offered: Promise<unknown> = Promise.resolve();
  #levelExtensionId: number | undefined;
  #captureExtensionId: number | undefined;
  #receptionReport: ReceptionReport | undefined;
  /** Where our timestamps stand: one of them, and its instant. */
  #timeLine = { rtpTimestamp: 0, capturedAtMs: 0 };
  #lastMessageAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: PublisherOptions) {
    const { clock } = options;
    this.#clock = clock;
    this.#peer = createPeer(options);
    this.#transceiver = this.#peer.addTransceiver(new MediaStreamTrack({ kind: 'audio' }), {
      direction: 'sendonly',
      streams: [new MediaStream({ id: this.cid })],
    });
    const { sender, dtlsTransport } = this.#transceiver;
    this.epochOffsetMs = clock.epochMs() - clock.nowMs();
    correctSenderReports(sender, () => this.#reportedInstant());
    dtlsTransport.onRtcp.subscribe((packet) => {
      if (packet instanceof RtcpRrPacket || packet instanceof RtcpSrPacket) this.#receiveReports(packet);
    });
    prepareTransport(dtlsTransport, { onDatagram: () => undefined, onMalformed: options.onMalformed });
    this.connected = new Promise((resolve) => {
      dtlsTransport.onStateChange.subscribe((state) => {
        if (state === 'connected') resolve();
      });
    });
    this.#reliable = this.#peer.createDataChannel('_reliable', { ordered: true });
    this.#lossy = this.#peer.createDataChannel('_lossy', { ordered: false, maxRetransmits: 0 });
    askForPromptAcknowledgement(this.#reliable.sctp);
    this.#reliable.stateChanged.subscribe((state) => {
      if (state === 'open') for (const message of this.#waiting.splice(0)) this.#reliable.send(asBuffer(message));
    });
  }

  /** The latest word on how our track arrives at the server; undefined before the first. */
  get receptionReport(): ReceptionReport | undefined {
    return this.#receptionReport;
  }

  /** The offer for the server; candidates follow through `onCandidate`. */
  async offer(): Promise<string> {
    const offer = await this.#peer.createOffer();
    this.#offered = this.#peer.setLocalDescription(offer);
    // Awaited with the answer; a failure must not count as unhandled until then.
    this.#offered.catch(() => undefined);
    return offer.sdp;
  }

  async applyAnswer(sdp: string): Promise<void> {
    await this.#offered;
    await this.#peer.setRemoteDescription({ type: 'answer', sdp });
    const idOf = (wanted: string): number | undefined =>
      this.#transceiver.headerExtensions.find(({ uri }) => uri === wanted)?.id;
    this.#levelExtensionId = idOf(RTP_EXTENSION_URI.audioLevelIndication);
    this.#captureExtensionId = idOf(ABS_CAPTURE_TIME_URI);
  }

  async addCandidate(candidateInit: string): Promise<void> {
    await addRemoteCandidate(this.#peer, candidateInit);
  }

  /** Sends at once, or says that it can't. The payload may be used again afterwards. */
  send(packet: OutgoingRtpPacket): boolean {
    const { sender, dtlsTransport } = this.#transceiver;
    if (dtlsTransport.state !== 'connected') return false;
    const header = new RtpHeader({
      sequenceNumber: packet.sequenceNumber,
      timestamp: packet.rtpTimestamp,
      marker: packet.marker,
    });
    const { rtpTimestamp, capturedAtMs = this.#clock.nowMs() } = packet;
    this.#timeLine = { rtpTimestamp, capturedAtMs };
    header.extensions = this.#extensions(packet.audioLevelDbov, this.epochOffsetMs + capturedAtMs);
    header.extension = header.extensions.length > 0;
    sendRtp(sender, header, asBuffer(packet.payload));
    return true;
  }

  #extensions(audioLevelDbov: number, captureEpochMs: number): { id: number; payload: Buffer }[] {
    const extensions: { id: number; payload: Buffer }[] = [];
    // RFC 6464: one byte, its top bit (voice activity) unused.
    if (this.#levelExtensionId !== undefined) {
      extensions.push({ id: this.#levelExtensionId, payload: Buffer.of(audioLevelDbov & 0x7f) });
    }
    if (this.#captureExtensionId !== undefined) {
      extensions.push({ id: this.#captureExtensionId, payload: writeAbsCaptureTime(captureEpochMs) });
    }
    return extensions;
  }

  /** Now, on both clocks, as RFC 3550 section 6.4.1 wants it: the timestamp that a sample would have. */
  #reportedInstant(): ReportedInstant {
    const nowMs = this.#clock.nowMs();
    const { rtpTimestamp, capturedAtMs } = this.#timeLine;
    return {
      epochMs: this.epochOffsetMs + nowMs,
      rtpTimestamp: wrapSerial(rtpTimestamp + Math.round((nowMs - capturedAtMs) * TICKS_PER_MS), 32),
    };
  }

  #receiveReports({ reports }: RtcpRrPacket | RtcpSrPacket): void {
    const ours = reports.find(({ ssrc }) => ssrc === this.#transceiver.sender.ssrc);
    if (ours === undefined) return;
    const { fractionLost, packetsLost, jitter, lsr, dlsr } = ours;
    const atMs = this.#clock.nowMs();
    this.#receptionReport = receptionReport(
      { fractionLost, packetsLost, jitter, lastReport: lsr, delaySinceLastReport: dlsr },
      { atMs, epochMs: this.epochOffsetMs + atMs },
    );
  }

  /** Sends, now or as soon as the channel opens; `false` when the channel is closed or too much waits already. */
  sendReliable(message: Uint8Array): boolean {
    this.#lastMessageAtMs = this.#clock.nowMs();
    const { readyState } = this.#reliable;
    if (readyState === 'open') this.#reliable.send(asBuffer(message));
    else if (readyState === 'connecting' && this.#waiting.length < MAX_WAITING_MESSAGES) this.#waiting.push(message);
    else return false;
    return true;
  }

  /** Sends at once or, while the channel isn't open, not at all. */
  sendLossy(message: Uint8Array): boolean {
    if (this.#lossy.readyState !== 'open') return false;
    this.#lossy.send(asBuffer(message));
    return true;
  }

  /** Whether a message is still on its way: just sent, waiting for the channel, unsent, or not acknowledged. */
  get #draining(): boolean {
    if (this.#clock.nowMs() < this.#lastMessageAtMs + LINGER_MS) return true;
    const { readyState, bufferedAmount, sctp } = this.#reliable;
    if (readyState === 'connecting') return this.#waiting.length > 0;
    return readyState === 'open' && (bufferedAmount > 0 || sctp.sctp['sentQueue'].length > 0);
  }

  /** Waits, a little, for the last words to arrive, then closes. */
  async close(): Promise<void> {
    const giveUpAtMs = this.#clock.nowMs() + DRAIN_WITHIN_MS;
    while (this.#draining && this.#clock.nowMs() < giveUpAtMs) {
      await new Promise<void>((resolve) => this.#clock.after(DRAIN_POLL_MS, resolve));
    }
    await this.#peer.close();
  }
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
