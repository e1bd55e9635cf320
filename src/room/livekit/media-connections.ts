// The two peer connections of a participant and their signalling: we offer what we publish, the server what we subscribe to.

import {
  AddTrackRequest,
  SessionDescription,
  SignalTarget,
  TrackSource,
  TrackType,
  TrickleRequest,
  type ICEServer,
} from '@livekit/protocol';
import type { Clock } from '../../lib/clock.ts';
import { RoomError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import type { RtpPacket } from '../../rtp/packet.ts';
import type { SenderReport } from '../../rtp/reports.ts';
import type { PeerOptions } from './peer.ts';
import { Publisher } from './publisher.ts';
import type { SignalConnection } from './signal-connection.ts';
import { Subscriber } from './subscriber.ts';

/** We make one offer in a connection's life; its answer bears its number. */
const OFFER_ID = 1;

export interface MediaConnectionsOptions {
  readonly connection: SignalConnection;
  readonly iceServers: readonly ICEServer[];
  /** Whether the server runs on this machine. */
  readonly loopback: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onPacket: (packet: RtpPacket) => void;
  readonly onSenderReport: (report: SenderReport) => void;
  readonly onMessage: (message: Uint8Array) => void;
  readonly onSources: (trackBySsrc: ReadonlyMap<number, string>) => void;
  /** Media can't flow (any more). */
  readonly onFailed: (error: RoomError) => void;
}

export class MediaConnections {
  readonly publisher: Publisher;
  /** Media packets that were dropped because they were malformed. */
  malformedCount = 0;
  readonly #connection: SignalConnection;
  readonly #log: Logger;
  readonly #onFailed: (error: RoomError) => void;
  readonly #subscriber: Subscriber;
  readonly #trackSid = Promise.withResolvers<string>();
  #negotiation: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: MediaConnectionsOptions) {
    const { connection, clock, onPacket, onSenderReport, onMessage, onSources } = options;
    this.#connection = connection;
    this.#log = options.log;
    this.#onFailed = options.onFailed;
    this.publisher = new Publisher({ clock, ...this.#peerOptions(options, SignalTarget.PUBLISHER) });
    this.#subscriber = new Subscriber({
      clock,
      onPacket,
      onSenderReport,
      onMessage,
      onSources,
      ...this.#peerOptions(options, SignalTarget.SUBSCRIBER),
    });
  }

  /**
   * Publishes our track; resolves with its sid once it can carry packets and we hear the others.
   * Never settles if that doesn't come about.
   */
  async publish(): Promise<string> {
    this.#connection.send({
      case: 'addTrack',
      value: new AddTrackRequest({
        cid: this.publisher.cid,
        name: 'agent',
        type: TrackType.AUDIO,
        source: TrackSource.MICROPHONE,
        disableDtx: true,
        disableRed: true,
      }),
    });
    const sdp = await this.publisher.offer();
    this.#connection.send({ case: 'offer', value: new SessionDescription({ type: 'offer', sdp, id: OFFER_ID }) });
    const [trackSid] = await Promise.all([
      this.#trackSid.promise,
      this.publisher.connected,
      this.#subscriber.connected,
    ]);
    return trackSid;
  }

  receiveTrackPublished(cid: string, trackSid: string): void {
    if (cid === this.publisher.cid) this.#trackSid.resolve(trackSid);
  }

  receiveOffer({ sdp, id }: SessionDescription): void {
    this.#negotiate(() =>
      this.#subscriber.answer(sdp, (answer) => {
        this.#connection.send({ case: 'answer', value: new SessionDescription({ type: 'answer', sdp: answer, id }) });
      }),
    );
  }

  receiveAnswer({ sdp, id }: SessionDescription): void {
    // Servers that don't number descriptions leave 0.
    if (id === OFFER_ID || id === 0) this.#negotiate(() => this.publisher.applyAnswer(sdp));
  }

  receiveCandidate({ candidateInit, target }: TrickleRequest): void {
    const peer = target === SignalTarget.PUBLISHER ? this.publisher : this.#subscriber;
    peer.addCandidate(candidateInit).catch((error: unknown) => {
      if (!this.#closed) this.#log.debug('candidate of the server not usable', { error });
    });
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.publisher.close(), this.#subscriber.close()]);
  }

  /** Descriptions are applied strictly one after another; one that can't be is the end. */
  #negotiate(step: () => Promise<void>): void {
    this.#negotiation = this.#takeStep(this.#negotiation, step);
  }

  async #takeStep(before: Promise<void>, step: () => Promise<void>): Promise<void> {
    await before;
    if (this.#closed) return;
    try {
      await step();
    } catch (cause) {
      this.#fail(new RoomError('ROOM_PROTOCOL', 'the media connection could not be negotiated', { cause }));
    }
  }

  #fail(error: RoomError): void {
    if (!this.#closed) this.#onFailed(error);
  }

  #peerOptions({ iceServers, loopback }: MediaConnectionsOptions, target: SignalTarget): PeerOptions {
    return {
      iceServers,
      loopback,
      onCandidate: (candidateInit) => {
        this.#connection.send({ case: 'trickle', value: new TrickleRequest({ candidateInit, target }) });
      },
      onFailed: () => {
        this.#fail(new RoomError('ROOM_CLOSED', 'the media connection was lost; join again', { retryable: true }));
      },
      onMalformed: () => {
        if (this.malformedCount === 0) this.#log.warn('malformed media packet dropped; further ones are only counted');
        this.malformedCount += 1;
      },
    };
  }
}
