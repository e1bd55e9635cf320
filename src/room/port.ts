// Getting into a conversation. One port, several ways in; the session knows only this file.

import type { DtmfKey } from '../rtp/dtmf.ts';
import type { OutgoingRtpPacket, RtpPacket } from '../rtp/packet.ts';
import type { ReceptionReport, SenderReport } from '../rtp/reports.ts';

export type ParticipantKind = 'standard' | 'sip' | 'agent' | 'ingress' | 'egress';

export interface RemoteParticipant {
  readonly identity: string;
  readonly name: string;
  readonly kind: ParticipantKind;
  readonly attributes: Readonly<Record<string, string>>;
  /** Set while a microphone track is published. */
  readonly microphone: { readonly trackSid: string; readonly muted: boolean } | undefined;
}

export type RoomEvent =
  | { readonly type: 'participantJoined'; readonly participant: RemoteParticipant }
  /** Attributes, name, or microphone changed. */
  | { readonly type: 'participantUpdated'; readonly participant: RemoteParticipant }
  | { readonly type: 'participantLeft'; readonly participant: RemoteParticipant }
  /** Who speaks, the loudest first; ourselves not among them. Tells of each change. */
  | { readonly type: 'activeSpeakers'; readonly identities: readonly string[] }
  | {
      readonly type: 'data';
      readonly topic: string;
      readonly payload: Uint8Array;
      readonly identity: string | undefined;
    }
  /** A text stream, complete. */
  | {
      readonly type: 'text';
      readonly topic: string;
      readonly text: string;
      readonly identity: string;
      readonly attributes: Readonly<Record<string, string>>;
    }
  /** A participant has pressed a key of their telephone. */
  | { readonly type: 'dtmf'; readonly identity: string; readonly key: DtmfKey }
  /** The room is over for us. Nothing follows. `error` is absent where we left by `close`. */
  | { readonly type: 'closed'; readonly error: Error | undefined };

/** Takes one participant's audio. Called synchronously from the socket: keep it short. */
export interface AudioSink {
  onPacket(packet: RtpPacket): void;
  onMuted(muted: boolean): void;
  /** How the timestamps of the packets belong to the sender's wall clock; about every three seconds. */
  onSenderReport?(report: SenderReport): void;
}

export interface AudioSubscription {
  /** Unsubscribes; no call of the sink follows. Idempotent. */
  close(): void;
}

/** Where a text stream goes and what it says about itself (LiveKit text streams). */
export interface TextOptions {
  readonly topic: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Whose text it is, where it isn't ours (transcripts of the caller). */
  readonly senderIdentity?: string;
}

export interface TextWriter {
  write(text: string): void;
  /** Ends the stream; attributes given here replace those of its beginning. Idempotent. */
  close(attributes?: Readonly<Record<string, string>>): void;
}

export interface DataOptions {
  readonly topic: string;
  readonly reliable: boolean;
  readonly destinationIdentities?: readonly string[];
}

/** A conversation joined. One audio track of ours is published from the start. */
export interface Room {
  readonly name: string;
  readonly localIdentity: string;
  /** Of the published track. */
  readonly localTrackSid: string;
  /** By identity; ourselves not among them. */
  readonly participants: ReadonlyMap<string, RemoteParticipant>;
  /** Subscribes to a participant's microphone: now, and again whenever one is published. Nobody is subscribed otherwise. */
  subscribeAudio(identity: string, sink: AudioSink): AudioSubscription;
  /** Sends on our track; `false` while the transport isn't up (the packet is gone). */
  sendAudio(packet: OutgoingRtpPacket): boolean;
  /**
   * How long a message to that participant's program and back takes now, in milliseconds, whatever it does to answer
   * included: no less than the way. Undefined where nothing answers within 2 s. Worth a few hundred bytes each time.
   */
  measureRoundTrip(identity: string): Promise<number | undefined>;
  /** The latest word on how our track arrives; undefined before the first. */
  readonly receptionReport: ReceptionReport | undefined;
  /** What our monotonic clock is added to for the wall clock that receivers are told; never changes during a call. */
  readonly epochOffsetMs: number;
  /** Merges into our participant attributes; an empty string removes one. */
  setAttributes(attributes: Readonly<Record<string, string>>): void;
  sendData(payload: Uint8Array, options: DataOptions): void;
  openText(options: TextOptions): TextWriter;
  /** Leaves and frees everything; idempotent; resolves once the server has been told. */
  close(): Promise<void>;
}

/**
 * Joins; rejects with a `RoomError` (wrong key, no server, room full …) or the signal's reason.
 * Once it has resolved, `participants` is complete and events begin. The signal counts only until then.
 */
export type JoinRoom = (options: {
  readonly onEvent: (event: RoomEvent) => void;
  readonly signal: AbortSignal;
}) => Promise<Room>;
