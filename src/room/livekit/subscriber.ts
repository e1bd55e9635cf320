// The peer connection that the server offers: the tracks we subscribed to and the data channels of the others.

import { type RTCPeerConnection, RtcpSrPacket, type RtpPacket as WeriftRtpPacket } from 'werift';
import type { Clock } from '../../lib/clock.ts';
import { readAbsCaptureTime } from '../../rtp/abs-capture-time.ts';
import { epochMsOfNtp } from '../../rtp/ntp.ts';
import type { RtpPacket } from '../../rtp/packet.ts';
import type { SenderReport } from '../../rtp/reports.ts';
import { addRemoteCandidate, createPeer, type PeerOptions } from './peer.ts';
import { audioTracksBySsrc, captureTimeExtensionId } from './sdp.ts';
import { takeRtp } from './werift-costs.ts';
import { answerAsDtlsServer, prepareTransport, pruneReceivers } from './werift-defects.ts';

export interface SubscriberOptions extends PeerOptions {
  readonly clock: Clock;
  /** Called synchronously from the socket, with whatever SSRC the packet has. */
  readonly onPacket: (packet: RtpPacket) => void;
  readonly onSenderReport: (report: SenderReport) => void;
  readonly onMessage: (message: Uint8Array) => void;
  /** The track sids by SSRC, as of the latest offer; called before packets with new SSRCs can come. */
  readonly onSources: (trackBySsrc: ReadonlyMap<number, string>) => void;
}

/** Receives what is the others'. Offers must be answered one after another, in order. */
export class Subscriber {
  /**
   * Resolves once the server's reliable channel is open; stays pending if that never happens.
   * Before that the server doesn't count us as present, and messages of others are lost.
   */
  readonly connected: Promise<void>;
  readonly #options: SubscriberOptions;
  readonly #peer: RTCPeerConnection;
  readonly #guarded = new WeakSet<object>();
  #payloadTypes: ReadonlySet<number> = new Set();
  #sources: ReadonlyMap<number, string> = new Map();
  #captureExtensionId: number | undefined;
  #arrivedAtMs = 0;

  constructor(options: SubscriberOptions) {
    this.#options = options;
    this.#peer = createPeer(options);
    const { promise: connected, resolve } = Promise.withResolvers<void>();
    this.connected = connected;
    this.#peer.onDataChannel.subscribe((channel) => {
      if (channel.label === '_reliable') resolve();
      channel.onMessage.subscribe((message) => {
        if (typeof message !== 'string') options.onMessage(message);
      });
    });
  }

  /** Applies an offer; `send` gets the answer as early as the server can use it. */
  async answer(offerSdp: string, send: (answerSdp: string) => void): Promise<void> {
    await this.#peer.setRemoteDescription({ type: 'offer', sdp: offerSdp });
    this.#prepareTransports();
    const sources = audioTracksBySsrc(offerSdp);
    pruneReceivers(this.#peer, sources);
    const answer = await this.#peer.createAnswer();
    this.#payloadTypes = opusPayloadTypes(answer.sdp);
    this.#captureExtensionId = captureTimeExtensionId(answer.sdp);
    this.#sources = sources;
    this.#options.onSources(sources);
    send(answer.sdp);
    await this.#peer.setLocalDescription(answer);
  }

  async addCandidate(candidateInit: string): Promise<void> {
    await addRemoteCandidate(this.#peer, candidateInit);
  }

  async close(): Promise<void> {
    await this.#peer.close();
  }

  /**
   * Sets up transports that an offer brought, which is one for the whole call.
   * Packets are taken from the transport itself: werift's tracks go stale when a transceiver is reused.
   */
  #prepareTransports(): void {
    for (const transport of this.#peer.dtlsTransports) {
      if (this.#guarded.has(transport)) continue;
      this.#guarded.add(transport);
      answerAsDtlsServer(transport);
      takeRtp(this.#peer, transport, (packet) => this.#receive(packet));
      transport.onRtcp.subscribe((packet) => {
        if (packet instanceof RtcpSrPacket) this.#receiveReport(packet);
      });
      prepareTransport(transport, {
        onDatagram: () => {
          this.#arrivedAtMs = this.#options.clock.nowMs();
        },
        onMalformed: this.#options.onMalformed,
      });
    }
  }

  #receive({ header, payload }: WeriftRtpPacket): void {
    // While a track goes, its packets may still come, and its payload type may have gone with the last audio section.
    if (this.#sources.has(header.ssrc) && !this.#payloadTypes.has(header.payloadType)) {
      this.#options.onMalformed();
      return;
    }
    // Packets of padding only come from the server when a track pauses or ends; they keep the sequence contiguous.
    const extension = header.extensions.find(({ id }) => id === this.#captureExtensionId);
    const captureEpochMs = extension && readAbsCaptureTime(extension.payload);
    this.#options.onPacket({
      ssrc: header.ssrc,
      payloadType: header.payloadType,
      sequenceNumber: header.sequenceNumber,
      rtpTimestamp: header.timestamp,
      marker: header.marker,
      payload,
      ...(captureEpochMs !== undefined && { captureEpochMs }),
      arrivedAtMs: this.#arrivedAtMs,
    });
  }

  /** werift's own conversions of the time are off by up to a second (its fraction is decimal): the 64 bits are read as they are. */
  #receiveReport({ ssrc, senderInfo }: RtcpSrPacket): void {
    this.#options.onSenderReport({
      ssrc,
      rtpTimestamp: senderInfo.rtpTimestamp,
      ntpEpochMs: epochMsOfNtp(senderInfo.ntpTimestamp),
      arrivedAtMs: this.#arrivedAtMs,
    });
  }
}

/** Payload types that the answer gives to Opus (`a=rtpmap`, RFC 8866 section 6.6). */
function opusPayloadTypes(sdp: string): ReadonlySet<number> {
  return new Set([...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000/gim)].map(([, payloadType]) => Number(payloadType)));
}
