// A room without a server, in virtual time: a caller's packets go straight to whoever subscribed, ours are recorded.

import type { Clock } from '../../src/lib/clock.ts';
import type {
  AudioSink,
  AudioSubscription,
  DataOptions,
  JoinRoom,
  RemoteParticipant,
  Room,
  RoomEvent,
  TextOptions,
  TextWriter,
} from '../../src/room/port.ts';
import type { OutgoingRtpPacket, RtpPacket } from '../../src/rtp/packet.ts';
import { noteAccount } from './account-invariants.ts';
import { isVoiced } from './stages.ts';

export interface SentText {
  readonly options: TextOptions;
  text: string;
  closed: boolean;
}

export class SimRoom implements Room {
  readonly name = 'sim';
  readonly localIdentity = 'agent';
  readonly localTrackSid = 'TR_agent';
  readonly receptionReport = undefined;
  readonly epochOffsetMs = 0;
  readonly participants = new Map<string, RemoteParticipant>();
  readonly texts: SentText[] = [];
  readonly data: unknown[] = [];
  readonly activities: string[] = [];
  /** When each audible packet of ours was sent. */
  readonly audibleAtMs: number[] = [];
  readonly sinks = new Map<string, AudioSink>();
  closed = false;
  readonly #clock: Clock;
  #onEvent: (event: RoomEvent) => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly join: JoinRoom = ({ onEvent }) => {
    this.#onEvent = onEvent;
    return Promise.resolve(this);
  };

  tell(event: RoomEvent): void {
    this.#onEvent(event);
  }

  enter(identity: string, more: Partial<RemoteParticipant> = {}): void {
    const microphone = { trackSid: `TR_${identity}`, muted: false };
    const participant: RemoteParticipant = {
      identity,
      name: '',
      kind: 'standard',
      attributes: {},
      microphone,
      ...more,
    };
    this.participants.set(identity, participant);
    this.tell({ type: 'participantJoined', participant });
  }

  leave(identity: string): void {
    const participant = this.participants.get(identity);
    this.participants.delete(identity);
    if (participant !== undefined) this.tell({ type: 'participantLeft', participant });
  }

  receive(identity: string, packet: Omit<RtpPacket, 'arrivedAtMs'>): void {
    this.sinks.get(identity)?.onPacket({ ...packet, arrivedAtMs: this.#clock.nowMs() });
  }

  subscribeAudio(identity: string, sink: AudioSink): AudioSubscription {
    this.sinks.set(identity, sink);
    return { close: () => void this.sinks.delete(identity) };
  }

  sendAudio({ payload }: OutgoingRtpPacket): boolean {
    if (isVoiced(payload)) this.audibleAtMs.push(this.#clock.nowMs());
    return true;
  }

  /** Nobody answers. */
  measureRoundTrip(_identity: string): Promise<number | undefined> {
    return Promise.resolve(undefined);
  }

  setAttributes(attributes: Readonly<Record<string, string>>): void {
    const activity = attributes['lk.agent.state'];
    if (activity !== undefined) this.activities.push(activity);
  }

  sendData(payload: Uint8Array, options?: DataOptions): void {
    if (options?.topic === 'repartee.account') noteAccount(payload);
    this.data.push(JSON.parse(new TextDecoder().decode(payload)));
  }

  openText(options: TextOptions): TextWriter {
    const sent: SentText = { options, text: '', closed: false };
    this.texts.push(sent);
    return {
      write: (text) => {
        sent.text += text;
      },
      close: () => {
        sent.closed = true;
      },
    };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  /** Complete captions of one side, in order. */
  captions(of: 'caller' | 'agent'): string[] {
    return this.texts
      .filter(({ options }) => (options.senderIdentity === undefined) === (of === 'agent'))
      .filter(({ options }) => of === 'agent' || options.attributes?.['lk.transcription_final'] === 'true')
      .map(({ text }) => text);
  }

  /** How often the words of a side were shown, interims included. */
  captionUpdates(of: 'caller' | 'agent'): number {
    return this.texts.filter(({ options }) => (options.senderIdentity === undefined) === (of === 'agent')).length;
  }
}
