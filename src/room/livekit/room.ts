// A LiveKit room joined: wires the signal connection, both peer connections and the tables, as the port's `Room`.

import {
  RequestResponse_Reason,
  type SpeakerInfo,
  SubscriptionError,
  UpdateParticipantMetadata,
  UpdateSubscription,
  type JoinResponse,
} from '@livekit/protocol';
import type { Clock } from '../../lib/clock.ts';
import { RoomError, unreachable } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import type { OutgoingRtpPacket } from '../../rtp/packet.ts';
import type { ReceptionReport } from '../../rtp/reports.ts';
import type {
  AudioSink,
  AudioSubscription,
  DataOptions,
  RemoteParticipant,
  Room,
  RoomEvent,
  TextOptions,
  TextWriter,
} from '../port.ts';
import { AudioSubscriptions } from './audio-subscriptions.ts';
import { decodeDataPacket, encodeData, type PacketDrop } from './data-packets.ts';
import { withDeadline } from '../../lib/deadline.ts';
import { MediaConnections } from './media-connections.ts';
import { Participants, type ParticipantEvent } from './participants.ts';
import { serverSentLeave } from './room-faults.ts';
import { RoundTripProbe } from './round-trip-probe.ts';
import type { SignalConnection, SignalMessage } from './signal-connection.ts';
import { TextStreamAssembler } from './text-streams.ts';
import { Speakers } from './speakers.ts';
import { openTextWriter } from './text-writer.ts';

/** From the server's `join` to the first packet we could send. ICE retries for about ten seconds. */
const MEDIA_WITHIN_MS = 15_000;
/** Messages kept for the caller while it waits for the room; joining takes a fraction of a second. */
const MAX_HELD_EVENTS = 64;

export interface LivekitRoomOptions {
  readonly connection: SignalConnection;
  readonly join: JoinResponse;
  /** Whether the server runs on this machine. */
  readonly loopback: boolean;
  readonly onEvent: (event: RoomEvent) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

type State =
  /** Messages of others that came before the caller has the room wait in `held`. */
  | { readonly name: 'joining'; readonly held: RoomEvent[]; readonly fail: (error: Error) => void }
  | { readonly name: 'open' }
  | { readonly name: 'closed' };

export class LivekitRoom implements Room {
  readonly name: string;
  readonly localIdentity: string;
  readonly #connection: SignalConnection;
  readonly #onEvent: (event: RoomEvent) => void;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #participants: Participants;
  readonly #audio: AudioSubscriptions;
  readonly #texts = new TextStreamAssembler();
  readonly #speakers = new Speakers();
  readonly #roundTrips: RoundTripProbe;
  readonly #dropCounts = new Map<PacketDrop['reason'], number>();
  readonly #media: MediaConnections;
  #localTrackSid = '';
  #state: State;
  #closing: Promise<void> | undefined;

  private constructor(options: LivekitRoomOptions, fail: (error: Error) => void) {
    const { connection, join, clock, log } = options;
    this.name = join.room?.name ?? '';
    this.localIdentity = join.participant?.identity ?? '';
    this.#connection = connection;
    this.#onEvent = options.onEvent;
    this.#clock = clock;
    this.#log = log.with({ room: this.name });
    this.#state = { name: 'joining', held: [], fail };
    this.#participants = new Participants(this.localIdentity, join.otherParticipants);
    this.#roundTrips = new RoundTripProbe({ send: (packet) => this.#media.publisher.sendReliable(packet), clock });
    this.#audio = new AudioSubscriptions({
      participants: this.#participants.byIdentity,
      request: (trackSid, subscribe) => this.#requestTrack(trackSid, subscribe),
      log: this.#log,
    });
    this.#media = new MediaConnections({
      connection,
      iceServers: join.iceServers,
      loopback: options.loopback,
      clock,
      log: this.#log,
      onPacket: (packet) => this.#audio.deliver(packet),
      onSenderReport: (report) => this.#audio.deliverReport(report),
      onMessage: (message) => this.#receiveData(message),
      onSources: (trackBySsrc) => this.#audio.mapSources(trackBySsrc),
      onFailed: (error) => this.#end(error),
    });
  }

  /**
   * Publishes our track and waits until it can carry packets.
   * Rejects with a `RoomError` or the signal's reason; everything is closed then.
   */
  static async enter(options: LivekitRoomOptions, signal: AbortSignal): Promise<LivekitRoom> {
    const { promise: failed, reject } = Promise.withResolvers<never>();
    const room = new LivekitRoom(options, reject);
    try {
      await withDeadline(Promise.race([room.#publish(), failed]), {
        clock: options.clock,
        signal,
        withinMs: MEDIA_WITHIN_MS,
        expired: noMedia,
      });
    } catch (error) {
      await room.#leave();
      throw error;
    }
    room.#open();
    return room;
  }

  get localTrackSid(): string {
    return this.#localTrackSid;
  }

  get participants(): ReadonlyMap<string, RemoteParticipant> {
    return this.#participants.byIdentity;
  }

  subscribeAudio(identity: string, sink: AudioSink): AudioSubscription {
    return this.#audio.subscribe(identity, sink);
  }

  sendAudio(packet: OutgoingRtpPacket): boolean {
    return this.#state.name !== 'closed' && this.#media.publisher.send(packet);
  }

  measureRoundTrip(identity: string): Promise<number | undefined> {
    return this.#state.name === 'open' ? this.#roundTrips.measure(identity) : Promise.resolve(undefined);
  }

  get receptionReport(): ReceptionReport | undefined {
    return this.#media.publisher.receptionReport;
  }

  get epochOffsetMs(): number {
    return this.#media.publisher.epochOffsetMs;
  }

  setAttributes(attributes: Readonly<Record<string, string>>): void {
    this.#connection.send({
      case: 'updateMetadata',
      value: new UpdateParticipantMetadata({ attributes: { ...attributes } }),
    });
  }

  sendData(payload: Uint8Array, options: DataOptions): void {
    const packet = encodeData(payload, options);
    if (options.reliable) this.#sendReliable(packet);
    else this.#media.publisher.sendLossy(packet);
  }

  openText(options: TextOptions): TextWriter {
    return openTextWriter(options, {
      send: (packet) => this.#sendReliable(packet),
      epochMs: this.#clock.epochMs(),
    });
  }

  async close(): Promise<void> {
    this.#end(undefined);
    await this.#leave();
  }

  async #publish(): Promise<void> {
    this.#connection.listen({
      onMessage: (message) => this.#receiveSignal(message),
      onLost: (error) => this.#end(error),
    });
    this.#localTrackSid = await this.#media.publish();
  }

  /** From here on the caller has the room; it gets what was held once it has seen that. */
  #open(): void {
    if (this.#state.name !== 'joining') return;
    const { held } = this.#state;
    this.#state = { name: 'open' };
    setImmediate(() => {
      for (const event of held) if (this.#state.name === 'open') this.#tell(event);
    });
  }

  #receiveSignal(message: SignalMessage): void {
    switch (message.case) {
      case 'offer':
        this.#media.receiveOffer(message.value);
        break;
      case 'answer':
        this.#media.receiveAnswer(message.value);
        break;
      case 'trickle':
        this.#media.receiveCandidate(message.value);
        break;
      case 'trackPublished':
        this.#media.receiveTrackPublished(message.value.cid, message.value.track?.sid ?? '');
        break;
      case 'update':
        for (const info of message.value.participants) {
          for (const event of this.#participants.apply(info)) this.#participantChanged(event);
        }
        break;
      case 'speakersChanged':
        this.#speakersChanged(message.value.speakers);
        break;
      case 'leave':
        this.#end(serverSentLeave(message.value));
        break;
      case 'requestResponse':
        if (message.value.reason === RequestResponse_Reason.OK) break;
        this.#log.warn('the server refused a request', {
          reason: RequestResponse_Reason[message.value.reason],
          message: message.value.message,
        });
        break;
      case 'subscriptionResponse':
        this.#log.warn('a track could not be subscribed', {
          trackSid: message.value.trackSid,
          reason: SubscriptionError[message.value.err],
        });
        break;
      // What the signal connection itself takes, and what the port has no word for.
      case undefined:
      case 'join':
      case 'reconnect':
      case 'refreshToken':
      case 'pong':
      case 'pongResp':
      case 'mute':
      case 'trackUnpublished':
      case 'trackSubscribed':
      case 'subscriptionPermissionUpdate':
      case 'roomUpdate':
      case 'roomMoved':
      case 'connectionQuality':
      case 'streamStateUpdate':
      case 'subscribedQualityUpdate':
      case 'mediaSectionsRequirement':
        break;
      default:
        unreachable(message);
    }
  }

  #participantChanged(event: ParticipantEvent): void {
    const { identity } = event.participant;
    if (event.type === 'participantLeft') this.#texts.forget(identity);
    this.#audio.participantChanged(identity);
    // Whoever joins later learns of them from `participants`.
    if (this.#state.name === 'open') this.#tell(event);
  }

  #speakersChanged(changes: readonly SpeakerInfo[]): void {
    const identityOf = (sid: string): string | undefined => this.#participants.identityOf(sid);
    const identities = this.#speakers
      .apply(changes, (sid) => identityOf(sid) !== undefined)
      .map(identityOf)
      .filter((identity) => identity !== undefined);
    if (this.#state.name === 'open') this.#tell({ type: 'activeSpeakers', identities });
  }

  #receiveData(message: Uint8Array): void {
    const result = decodeDataPacket(message, this.#texts);
    if (result === undefined) return;
    if (result.type === 'dropped') this.#countDrop(result);
    else if (result.type === 'callAnswered') this.#roundTrips.answered(result);
    else if (this.#state.name === 'open') this.#tell(result);
    else if (this.#state.name === 'joining' && this.#state.held.length < MAX_HELD_EVENTS) this.#state.held.push(result);
  }

  #countDrop({ reason }: PacketDrop): void {
    const count = (this.#dropCounts.get(reason) ?? 0) + 1;
    this.#dropCounts.set(reason, count);
    // The number that somebody enters may be wrong without it.
    if (reason === 'no such key' && count === 1) this.#log.warn('a key was sent that telephones do not have');
    else this.#log.debug('data packet dropped', { reason, count });
  }

  #sendReliable(packet: Uint8Array): void {
    if (this.#state.name === 'closed') return;
    if (!this.#media.publisher.sendReliable(packet)) this.#log.warn('message dropped: the data channel is not open');
  }

  #requestTrack(trackSid: string, subscribe: boolean): void {
    this.#connection.send({
      case: 'subscription',
      value: new UpdateSubscription({ trackSids: [trackSid], subscribe }),
    });
  }

  /** Our end of it: `error` says why, unless we wanted it. Said once. */
  #end(error: RoomError | undefined): void {
    const state = this.#state;
    if (state.name === 'closed') return;
    this.#state = { name: 'closed' };
    this.#audio.close();
    this.#roundTrips.close();
    if (state.name === 'joining') {
      if (error !== undefined) state.fail(error);
      return;
    }
    void this.#leave();
    this.#tell({ type: 'closed', error });
  }

  /** A listener that throws is a bug of its owner; without this werift or the websocket would be hit by it. */
  #tell(event: RoomEvent): void {
    try {
      this.#onEvent(event);
    } catch (error) {
      this.#log.error('room listener threw', { event: event.type, error });
    }
  }

  /** Frees everything; never rejects. */
  #leave(): Promise<void> {
    this.#state = { name: 'closed' };
    this.#closing ??= (async () => {
      // Media first: the last words must be on their way before the server forgets us.
      await this.#media.close();
      await this.#connection.close();
      const { malformedCount } = this.#media;
      const dropped = Object.fromEntries(this.#dropCounts);
      this.#log.debug('left', { malformedCount, unroutedCount: this.#audio.unroutedCount, dropped });
    })().catch((error: unknown) => this.#log.warn('leaving was not clean', { error }));
    return this.#closing;
  }
}

function noMedia(): RoomError {
  return new RoomError(
    'ROOM_UNREACHABLE',
    `the server answers, but no media connection came about within ${MEDIA_WITHIN_MS / 1000} s; ` +
      'check that its UDP ports (or its ICE/TCP port) can be reached and that it advertises the right address',
    { retryable: true },
  );
}
