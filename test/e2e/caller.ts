// A caller on another implementation of LiveKit than the agent's (rtc-node): speaks, mutes, types and leaves as people do,
// and keeps what it hears and is told. Shares no media code with the agent.

import {
  AudioStream,
  type LocalTrackPublication,
  ParticipantKind,
  type RemoteParticipant,
  type RemoteTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { z } from 'zod';

import { systemClock } from '../../src/lib/clock.ts';
import { unlessForgotten } from './forgotten-track.ts';
import { Captions, TRANSCRIPTION_TOPIC } from './captions.ts';
import { Changes, type WaitOptions } from './changes.ts';
import { Microphone, type Spoken } from './microphone.ts';
import { type Pcm, WINDOW_MS } from './pcm.ts';
import { type AnswerOptions, type HeardAnswer, Recording } from './recording.ts';

export interface CallerOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly room: string;
  readonly identity: string;
  /** `sip` for a caller who looks like one on the telephone. Default `standard`. */
  readonly kind?: 'standard' | 'sip' | 'agent';
  /** Discontinuous transmission, as LiveKit's browser client has it. Default true. */
  readonly dtx?: boolean;
  /** Redundant audio (RFC 2198), as LiveKit's browser client has it. Default true. */
  readonly red?: boolean;
  /** Whom to record. Default: participants of kind agent. */
  readonly hears?: (participant: RemoteParticipant) => boolean;
}

/** A value and when it came (monotonic). */
export interface Observed<T> {
  readonly atMs: number;
  readonly value: T;
}

/** What the agent says of a turn on the topic `repartee.turn`: what these tests look at of it. */
const turnReportSchema = z.looseObject({
  turn: z.number().optional(),
  kind: z.string(),
  source: z.enum(['voice', 'text']).optional(),
  anticipated: z.boolean().optional(),
  transcript: z.string().optional(),
  reply: z.string().optional(),
  heardText: z.string().optional(),
  responseMs: z.number().optional(),
});
export type HeardTurnReport = z.infer<typeof turnReportSchema>;

/** What the recogniser takes. */
const HEARING_RATE_HZ = 16_000;
const STATE_ATTRIBUTE = 'lk.agent.state';
const CHAT_TOPIC = 'lk.chat';
const TURN_TOPIC = 'repartee.turn';

/** Joins a room and publishes a microphone. Rejects when the server refuses. */
export async function connectCaller(options: CallerOptions): Promise<Caller> {
  const room = new Room();
  const caller = new Caller(room, options);
  await room.connect(options.url, await accessToken(options), { autoSubscribe: true, dynacast: false });
  try {
    await caller.publish();
  } catch (error) {
    await caller.leave();
    throw error;
  }
  return caller;
}

export class Caller {
  readonly identity: string;
  /** Everything heard of those whom this caller listens to. */
  readonly heard: Recording;
  readonly captions: Captions;
  /** The agent's states as its attribute told them. */
  readonly agentStates: Observed<string>[] = [];
  /** What the agent reported of turns; a later report on the same turn replaces the earlier one. */
  readonly turnReports: Observed<HeardTurnReport>[] = [];
  readonly #options: CallerOptions;
  readonly #room: Room;
  readonly #changes = new Changes();
  #microphone = new Microphone();
  #publication: LocalTrackPublication | undefined;
  #hearingCount = 0;
  #isListenedTo = false;
  #left = false;

  constructor(room: Room, options: CallerOptions) {
    this.identity = options.identity;
    this.#options = options;
    this.#room = room;
    this.heard = new Recording(HEARING_RATE_HZ, this.#changes);
    this.captions = new Captions(this.#changes);
    this.#observe();
  }

  async publish(): Promise<void> {
    const { dtx = true, red = true } = this.#options;
    this.#publication = await this.#local.publishTrack(
      this.#microphone.track,
      new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx, red }),
    );
  }

  /** Takes the microphone's track away and publishes another, as a front end does when another device is chosen. */
  async republish(): Promise<void> {
    await this.#local.unpublishTrack(this.#publication?.sid ?? '');
    await this.#microphone.close();
    this.#isListenedTo = false;
    this.#microphone = new Microphone();
    await this.publish();
    await this.until(() => (this.#isListenedTo ? true : undefined), { timeoutMs: 10_000, what: 'a listener' });
  }

  /** Unsubscribes from all that it hears, and subscribes again. */
  async resubscribe(): Promise<void> {
    const publications = [...this.#room.remoteParticipants.values()].flatMap(({ trackPublications }) => [
      ...trackPublications.values(),
    ]);
    for (const publication of publications) publication.setSubscribed(false);
    await this.until(() => (this.#hearingCount === 0 ? true : undefined), { timeoutMs: 10_000, what: 'silence' });
    for (const publication of publications) publication.setSubscribed(true);
    await this.until(() => (this.#hearingCount > 0 ? true : undefined), { timeoutMs: 10_000, what: 'an agent' });
  }

  /** Speaks in real time; resolves after the last sample. Overlapping calls queue. */
  async say(pcm: Pcm): Promise<Spoken> {
    return await this.#microphone.say(pcm);
  }

  /** Speaks and mutes the track right after the last sample. */
  async sayThenMute(pcm: Pcm): Promise<Spoken> {
    const spoken = await this.say(pcm);
    this.mute();
    return spoken;
  }

  mute(): void {
    this.#microphone.setMuted(true);
  }

  unmute(): void {
    this.#microphone.setMuted(false);
  }

  /** Types a line, as a front end's chat box does. */
  async sendText(text: string): Promise<void> {
    await this.#local.sendText(text, { topic: CHAT_TOPIC });
  }

  /** Speaks and waits for the answer that begins after the last word. */
  async ask(pcm: Pcm, options: Partial<AnswerOptions> = {}): Promise<HeardAnswer> {
    const { endedAtMs } = await this.say(pcm);
    return await this.waitForAnswer({ after: endedAtMs, ...options });
  }

  async waitForAnswer(options: AnswerOptions & { readonly timeoutMs?: number }): Promise<HeardAnswer> {
    return await this.heard.waitForAnswer(options);
  }

  /** Waits until both sides hear each other, and the agent, where it tells its state, listens. */
  async waitForAgent({ timeoutMs = 20_000 } = {}): Promise<void> {
    const ready = (): true | undefined => {
      const state = this.agentStates.at(-1)?.value ?? 'listening';
      return this.#isListenedTo && this.#hearingCount > 0 && state === 'listening' ? true : undefined;
    };
    await this.until(ready, { timeoutMs, what: 'an agent that listens' });
  }

  /** Resolves with what `look` finds in this caller's observations, now or later. */
  async until<T>(look: () => T | undefined, options: WaitOptions): Promise<T> {
    return await this.#changes.until(look, options);
  }

  /** Hangs up. Idempotent. */
  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    await this.#microphone.close();
    await this.#room.disconnect();
  }

  get #local() {
    const { localParticipant } = this.#room;
    if (localParticipant === undefined) throw new Error('the caller is not in a room');
    return localParticipant;
  }

  #hears(participant: RemoteParticipant): boolean {
    const { hears = ({ kind }) => kind === ParticipantKind.AGENT } = this.#options;
    return hears(participant);
  }

  #observe(): void {
    this.#room
      .on(RoomEvent.TrackSubscribed, (track, _publication, participant) => {
        if (track.kind === TrackKind.KIND_AUDIO && this.#hears(participant))
          void this.#listen(track).catch(unlessForgotten);
      })
      .on(RoomEvent.LocalTrackSubscribed, () => {
        this.#isListenedTo = true;
        this.#changes.notify();
      })
      .on(RoomEvent.ParticipantConnected, (participant) => this.#noteState(participant, participant.attributes))
      .on(RoomEvent.ParticipantAttributesChanged, (changed, participant) => {
        if (participant.identity !== this.identity) this.#noteState(participant, changed);
      })
      .on(RoomEvent.Connected, () => {
        for (const participant of this.#room.remoteParticipants.values()) {
          this.#noteState(participant, participant.attributes);
        }
      })
      .on(RoomEvent.DataReceived, (payload, _participant, _kind, topic) => {
        if (topic !== TURN_TOPIC) return;
        this.#note(this.turnReports, turnReportSchema.parse(JSON.parse(Buffer.from(payload).toString())));
      });
    this.#room.registerTextStreamHandler(TRANSCRIPTION_TOPIC, (reader, { identity }) => {
      void this.captions.collect(reader, identity);
    });
  }

  #noteState(participant: { readonly kind: ParticipantKind }, attributes: Readonly<Record<string, string>>): void {
    const state = attributes[STATE_ATTRIBUTE];
    if (state !== undefined && participant.kind === ParticipantKind.AGENT) this.#note(this.agentStates, state);
  }

  #note<T>(observations: Observed<T>[], value: T): void {
    observations.push({ atMs: systemClock.nowMs(), value });
    this.#changes.notify();
  }

  async #listen(track: RemoteTrack): Promise<void> {
    this.#hearingCount += 1;
    this.#changes.notify();
    const options = { sampleRate: HEARING_RATE_HZ, numChannels: 1, frameSizeMs: WINDOW_MS };
    for await (const { data } of new AudioStream(track, options)) this.heard.push(data, systemClock.nowMs());
    this.#hearingCount -= 1;
    this.#changes.notify();
  }
}

async function accessToken({ apiKey, apiSecret, room, identity, kind = 'standard' }: CallerOptions): Promise<string> {
  const token = new AccessToken(apiKey, apiSecret, { identity });
  token.kind = kind;
  token.addGrant({ roomJoin: true, room, canPublish: true, canSubscribe: true, canUpdateOwnMetadata: true });
  return await token.toJwt();
}
