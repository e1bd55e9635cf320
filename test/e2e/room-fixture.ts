// The two sides of the room tests: a room of ours that keeps what it was told and heard, and a participant on rtc-node.

import {
  AudioStream,
  type LocalParticipant,
  type LocalTrackPublication,
  Room as RtcRoom,
  RoomEvent as RtcRoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
  type RemoteTrack,
} from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';

import { systemClock } from '../../src/lib/clock.ts';
import { Ticker } from '../../src/lib/ticker.ts';
import { opusscriptCodec } from '../../src/opus/opusscript.ts';
import { livekitRoom } from '../../src/room/livekit/index.ts';
import type { AudioSubscription, Room, RoomEvent } from '../../src/room/port.ts';
import { FRAME_MS, FRAME_TICKS, type RtpPacket } from '../../src/rtp/packet.ts';
import { unlessForgotten } from './forgotten-track.ts';
import { Changes } from './changes.ts';
import type { TestLivekitServer } from './livekit-server.ts';
import { Microphone } from './microphone.ts';
import type { Pcm } from './pcm.ts';
import { Recording } from './recording.ts';

const WAIT_MS = 10_000;
const HEARING_RATE_HZ = 16_000;

export interface Ticket {
  readonly server: TestLivekitServer;
  readonly room: string;
  readonly identity: string;
  readonly kind?: 'standard' | 'agent';
}

export async function tokenFor({ server, room, identity, kind = 'standard' }: Ticket): Promise<string> {
  const token = new AccessToken(server.apiKey, server.apiSecret, { identity });
  token.kind = kind;
  token.addGrant({ roomJoin: true, room, canPublish: true, canSubscribe: true, canUpdateOwnMetadata: true });
  return await token.toJwt();
}

/** A steady tone, well above what counts as audible. */
export function tone(forMs: number, hz = 440, sampleRateHz = 48_000): Pcm {
  const samples = Int16Array.from({ length: (forMs * sampleRateHz) / 1000 }, (_, index) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * index) / sampleRateHz)),
  );
  return { samples, sampleRateHz };
}

/** Our side: the room under test. */
export class OurSide {
  readonly events: RoomEvent[] = [];
  readonly #changes = new Changes();
  #room: Room | undefined;

  static async join(ticket: Ticket, url = ticket.server.url): Promise<OurSide> {
    const side = new OurSide();
    const join = livekitRoom({ url, token: await tokenFor({ kind: 'agent', ...ticket }) });
    side.#room = await join({
      onEvent: (event) => {
        side.events.push(event);
        side.#changes.notify();
      },
      signal: new AbortController().signal,
    });
    return side;
  }

  get room(): Room {
    if (this.#room === undefined) throw new Error('not joined yet');
    return this.#room;
  }

  /** The first event of `type`, now or later, that `matches`. */
  async event<T extends RoomEvent['type']>(
    type: T,
    matches: (event: Extract<RoomEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<RoomEvent, { type: T }>> {
    const isWanted = (event: RoomEvent): event is Extract<RoomEvent, { type: T }> => event.type === type;
    return await this.#changes.until(() => this.events.filter(isWanted).find(matches), {
      timeoutMs: WAIT_MS,
      what: `the event ${type}`,
    });
  }

  hear(identity: string): Ear {
    return new Ear(this.room, identity);
  }

  /** Sends a second of tone, as the playout would. */
  async sendTone(forMs = 1000): Promise<void> {
    const encoder = opusscriptCodec.createEncoder({ sampleRateHz: 48_000 });
    const { samples } = tone(forMs);
    const frameSamples = FRAME_TICKS;
    let frame = 0;
    await new Promise<void>((resolve) => {
      const ticker = new Ticker(systemClock, FRAME_MS, () => {
        if (frame * frameSamples >= samples.length) {
          ticker.stop();
          resolve();
          return;
        }
        const pcm = samples.subarray(frame * frameSamples, (frame + 1) * frameSamples);
        this.room.sendAudio({
          sequenceNumber: (65_530 + frame) % 65_536,
          rtpTimestamp: (2 ** 32 - 3 * FRAME_TICKS + frame * FRAME_TICKS) % 2 ** 32,
          marker: frame === 0,
          payload: encoder.encode(pcm),
          audioLevelDbov: 12,
        });
        frame += 1;
      });
    });
    encoder.close();
  }
}

/** What came of one participant's audio. */
export class Ear {
  readonly packets: RtpPacket[] = [];
  readonly mutes: boolean[] = [];
  readonly subscription: AudioSubscription;
  readonly #changes = new Changes();

  constructor(room: Room, identity: string) {
    this.subscription = room.subscribeAudio(identity, {
      onPacket: (packet) => {
        this.packets.push(packet);
        this.#changes.notify();
      },
      onMuted: (muted) => {
        this.mutes.push(muted);
        this.#changes.notify();
      },
    });
  }

  async until(look: () => boolean, what: string): Promise<void> {
    await this.#changes.until(() => (look() ? true : undefined), { timeoutMs: WAIT_MS, what });
  }

  /** Waits for `count` packets with speech in them (longer than DTX's) that come after those now here. */
  async speech(count = 20): Promise<readonly RtpPacket[]> {
    const from = this.packets.length;
    const spoken = (): readonly RtpPacket[] => this.packets.slice(from).filter(({ payload }) => payload.length > 20);
    await this.until(() => spoken().length >= count, `${count} packets of speech`);
    return spoken();
  }
}

/** The other side: rtc-node, none of whose code is ours. */
export class OtherSide {
  readonly identity: string;
  readonly heard: Recording;
  readonly data: { readonly topic: string | undefined; readonly text: string; readonly from: string | undefined }[] =
    [];
  readonly texts: {
    readonly topic: string;
    readonly text: string;
    readonly from: string;
    readonly attributes: Readonly<Record<string, string>>;
  }[] = [];
  /** Who the server says is speaking. */
  speakers: readonly string[] = [];
  /** Whether anybody subscribed to our microphone. */
  listenedTo = false;
  microphone = new Microphone();
  readonly rtcRoom = new RtcRoom();
  readonly #changes = new Changes();
  #publication: LocalTrackPublication | undefined;

  private constructor(identity: string) {
    this.identity = identity;
    this.heard = new Recording(HEARING_RATE_HZ, this.#changes);
  }

  static async join(
    ticket: Ticket,
    { topics = [], listens = true }: { readonly topics?: readonly string[]; readonly listens?: boolean } = {},
  ): Promise<OtherSide> {
    const side = new OtherSide(ticket.identity);
    side.#observe(topics);
    await side.rtcRoom.connect(ticket.server.url, await tokenFor(ticket), { autoSubscribe: listens, dynacast: false });
    return side;
  }

  get local(): LocalParticipant {
    const { localParticipant } = this.rtcRoom;
    if (localParticipant === undefined) throw new Error('not joined');
    return localParticipant;
  }

  attributesOf(identity: string): Readonly<Record<string, string>> | undefined {
    return this.rtcRoom.remoteParticipants.get(identity)?.attributes;
  }

  async publish(): Promise<void> {
    const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: true, red: true });
    this.#publication = await this.local.publishTrack(this.microphone.track, options);
  }

  /** Speaks, as long as the track is there. */
  speak(pcm: Pcm): void {
    this.microphone.say(pcm).catch(() => undefined);
  }

  /** Takes the microphone's track away and publishes another. */
  async republish(): Promise<void> {
    await this.local.unpublishTrack(this.#publication?.sid ?? '');
    await this.microphone.close();
    this.microphone = new Microphone('another');
    await this.publish();
  }

  async until(look: () => boolean, what: string): Promise<void> {
    await this.#changes.until(() => (look() ? true : undefined), { timeoutMs: WAIT_MS, what });
  }

  /** Waits until rtc-node knows that `identity` is there; until then it has no name for who sends data. */
  async meets(identity: string): Promise<void> {
    await this.until(() => this.rtcRoom.remoteParticipants.has(identity), identity);
  }

  async leave(): Promise<void> {
    await this.microphone.close();
    await this.rtcRoom.disconnect();
  }

  #observe(topics: readonly string[]): void {
    this.rtcRoom
      .on(RtcRoomEvent.TrackSubscribed, (track) => {
        if (track.kind === TrackKind.KIND_AUDIO) void this.#listen(track).catch(unlessForgotten);
      })
      .on(RtcRoomEvent.LocalTrackSubscribed, () => {
        this.listenedTo = true;
        this.#changes.notify();
      })
      .on(RtcRoomEvent.ActiveSpeakersChanged, (speakers) => {
        this.speakers = speakers.map(({ identity }) => identity);
        this.#changes.notify();
      })
      .on(RtcRoomEvent.ParticipantConnected, () => this.#changes.notify())
      .on(RtcRoomEvent.ParticipantAttributesChanged, () => this.#changes.notify())
      .on(RtcRoomEvent.DataReceived, (payload, participant, _kind, topic) => {
        this.data.push({ topic, text: Buffer.from(payload).toString(), from: participant?.identity });
        this.#changes.notify();
      });
    for (const topic of topics) {
      this.rtcRoom.registerTextStreamHandler(topic, (reader, { identity }) => {
        void (async () => {
          const text = await reader.readAll();
          this.texts.push({ topic, text, from: identity, attributes: reader.info.attributes ?? {} });
          this.#changes.notify();
        })();
      });
    }
  }

  async #listen(track: RemoteTrack): Promise<void> {
    const options = { sampleRate: HEARING_RATE_HZ, numChannels: 1, frameSizeMs: 10 };
    for await (const { data } of new AudioStream(track, options)) this.heard.push(data, systemClock.nowMs());
  }
}
