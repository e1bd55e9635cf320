// One call: the LiveKit room, the caller's microphone, and what the agent sends. Tells all that happens as `CallEvent`s;
// its methods never reject.

import {
  ConnectionError,
  ConnectionErrorReason,
  ConnectionState,
  DisconnectReason,
  type RemoteParticipant,
  type RemoteTrack,
  Room,
  RoomEvent,
  type TextStreamReader,
  Track,
} from 'livekit-client';

import { AccountHelper } from './account-helper.ts';
import { ProblemError, requestCall } from './api.ts';
import { CallerMicrophone } from './caller-microphone.ts';
import { agentStateOf, type CallEvent } from './page-state.ts';
import { type Problem, problems } from './problems.ts';
import { accountTopic, parseTurnAccount } from './turn-accounts.ts';
import { parseTurnReport, turnTopic } from './turn-reports.ts';

export interface CallOptions {
  readonly onEvent: (event: CallEvent) => void;
  /** The track to show the caller's level of; undefined while there is none. */
  readonly onMicrophoneTrack: (track: MediaStreamTrack | undefined) => void;
  /** The agent's voice is to be heard (and its level shown); undefined while there is none. */
  readonly onAgentTrack: (track: RemoteTrack | undefined) => void;
  /** What the browser states of the way from a track to the loudspeaker; undefined where it doesn't. */
  readonly outputLatencyMs: () => number | undefined;
}

const agentDeadlineMs = 10_000;

export class Call {
  readonly #options: CallOptions;
  readonly #room = new Room();
  readonly #microphone: CallerMicrophone;
  readonly #accountHelper: AccountHelper;
  #agentIdentity: string | undefined;
  #agentDeadline: number | undefined;
  #lastAgentIdentity = '';
  #streamCount = 0;
  #ended = false;

  constructor(options: CallOptions) {
    this.#options = options;
    this.#microphone = new CallerMicrophone((microphone, track) => {
      this.#emit({ type: 'microphone', microphone });
      options.onMicrophoneTrack(track);
    });
    this.#accountHelper = new AccountHelper({ room: this.#room, outputLatencyMs: options.outputLatencyMs });
    this.#listen();
  }

  /** Asks for the microphone, then for a room, and joins it; without a microphone one can still type. */
  async start(deviceId: string | undefined): Promise<void> {
    this.#emit({ type: 'started' });
    // First, so that no agent greets a caller who is still being asked.
    await this.#microphone.open(deviceId);
    if (this.#ended) return;
    this.#emit({ type: 'phase', phase: 'connecting' });
    try {
      const ticket = await requestCall();
      if (this.#ended) return;
      // The agent is on its way since the ticket was written.
      this.#agentDeadline = window.setTimeout(
        () => this.#emit({ type: 'agent', agent: { type: 'awaited', late: true } }),
        agentDeadlineMs,
      );
      await this.#room.connect(ticket.serverUrl, ticket.token);
    } catch (error) {
      this.#end(connectProblem(error), error);
      return;
    }
    this.#room.remoteParticipants.forEach((participant) => void this.#meet(participant));
    void this.#publishMicrophone();
    // Only then do the others know of this caller: what is typed before would come from nobody.
    await this.#room.localParticipant.waitUntilActive();
    this.#emit({ type: 'phase', phase: 'live' });
  }

  /** Who spoke where; also when it is over. */
  get parties(): { readonly room: string; readonly identity: string; readonly callers: readonly string[] } {
    const caller = this.#room.localParticipant.identity;
    return { room: this.#room.name, identity: this.#lastAgentIdentity, callers: caller === '' ? [] : [caller] };
  }

  /** Another try at a microphone that was missing, or the change to another one. */
  async useMicrophone(deviceId: string | undefined): Promise<void> {
    await this.#microphone.choose(deviceId);
    await this.#publishMicrophone();
  }

  async setMuted(muted: boolean): Promise<void> {
    await this.#microphone.setMuted(muted);
  }

  async say(text: string): Promise<void> {
    try {
      await this.#room.localParticipant.sendText(text, { topic: 'lk.chat' });
      this.#emit({ type: 'typed', text });
    } catch (error) {
      console.warn('text not sent', error);
      this.#emit({ type: 'textLost' });
    }
  }

  /** To be called from a click: that is what browsers wait for. */
  async unlockSound(): Promise<void> {
    await this.#room.startAudio().catch((error: unknown) => console.warn('sound is still blocked', error));
    this.#emit({ type: 'soundBlocked', blocked: !this.#room.canPlaybackAudio });
  }

  hangUp(): void {
    this.#end(undefined);
  }

  #listen(): void {
    this.#room
      .on(RoomEvent.ParticipantConnected, (participant) => void this.#meet(participant))
      .on(RoomEvent.ParticipantDisconnected, (participant) => {
        if (participant.identity !== this.#agentIdentity) return;
        this.#agentIdentity = undefined;
        this.#emit({ type: 'agent', agent: { type: 'left' } });
      })
      .on(RoomEvent.ParticipantAttributesChanged, (_changed, participant) => {
        if (participant.identity === this.#agentIdentity) this.#showAgent(participant.attributes);
      })
      .on(RoomEvent.TrackSubscribed, (track, _publication, participant) => {
        if (participant.isAgent && track.kind === Track.Kind.Audio) this.#options.onAgentTrack(track);
      })
      .on(RoomEvent.TrackUnsubscribed, (track, _publication, participant) => {
        if (participant.isAgent && track.kind === Track.Kind.Audio) this.#options.onAgentTrack(undefined);
      })
      .on(RoomEvent.DataReceived, (payload, participant, _kind, topic) => {
        if (participant?.isAgent === true) this.#readData(payload, topic);
      })
      .on(RoomEvent.AudioPlaybackStatusChanged, () =>
        this.#emit({ type: 'soundBlocked', blocked: !this.#room.canPlaybackAudio }),
      )
      .on(RoomEvent.SignalReconnecting, () => this.#emit({ type: 'phase', phase: 'reconnecting' }))
      .on(RoomEvent.Reconnecting, () => this.#emit({ type: 'phase', phase: 'reconnecting' }))
      .on(RoomEvent.Reconnected, () => {
        this.#emit({ type: 'phase', phase: 'live' });
        void this.#publishMicrophone();
      })
      .on(RoomEvent.Disconnected, (reason) =>
        this.#end(regularEnds.includes(reason) ? undefined : problems.connectionLost),
      );
    this.#room.registerTextStreamHandler('lk.transcription', (reader, { identity }) => {
      void this.#readCaption(reader, identity);
    });
  }

  #readData(payload: Uint8Array, topic: string | undefined): void {
    if (topic === turnTopic) {
      const report = parseTurnReport(payload);
      if (report !== undefined) this.#emit({ type: 'turn', report });
    } else if (topic === accountTopic) {
      const account = parseTurnAccount(payload);
      if (account !== undefined) this.#emit({ type: 'account', account });
    }
  }

  /** An agent counts as present once its transport is up: it could not take text before. */
  async #meet(participant: RemoteParticipant): Promise<void> {
    if (!participant.isAgent) return;
    await participant.waitUntilActive();
    if (this.#agentIdentity !== undefined) return;
    this.#agentIdentity = participant.identity;
    this.#lastAgentIdentity = participant.identity;
    window.clearTimeout(this.#agentDeadline);
    this.#showAgent(participant.attributes);
  }

  #showAgent(attributes: Readonly<Record<string, string>>): void {
    const state = agentStateOf(attributes['lk.agent.state']);
    this.#emit({ type: 'agent', agent: { type: 'present', state } });
  }

  async #readCaption(reader: TextStreamReader, identity: string): Promise<void> {
    this.#streamCount += 1;
    const streamOrder = this.#streamCount;
    const speaker = identity === this.#room.localParticipant.identity ? 'caller' : 'agent';
    const segmentId = reader.info.attributes?.['lk.segment_id'] ?? reader.info.id;
    let text = '';
    const show = (final: boolean): void =>
      this.#emit({ type: 'caption', update: { segmentId, streamOrder, speaker, text, final } });
    try {
      for await (const piece of reader) {
        text += piece;
        show(false);
      }
    } catch (error) {
      // Its sender, or the whole call, has gone: what came stays.
      if (!this.#ended) console.warn('a caption broke off', error);
    }
    // The attribute of a growing text comes with its end.
    show(reader.info.attributes?.['lk.transcription_final'] === 'true');
  }

  /** Once there are both a microphone and a room. */
  async #publishMicrophone(): Promise<void> {
    const { track } = this.#microphone;
    const { localParticipant, state } = this.#room;
    if (track === undefined || state !== ConnectionState.Connected) return;
    if (localParticipant.getTrackPublication(Track.Source.Microphone) !== undefined) return;
    try {
      await localParticipant.publishTrack(track, { source: Track.Source.Microphone });
    } catch (error) {
      console.warn('the microphone was not published', error);
      this.#emit({ type: 'microphone', microphone: { type: 'missing', problem: problems.voiceNotSent } });
    }
  }

  #emit(event: CallEvent): void {
    if (!this.#ended) this.#options.onEvent(event);
  }

  #end(problem: Problem | undefined, cause?: unknown): void {
    if (this.#ended) return;
    if (problem !== undefined) console.warn(`call ended: ${problem.code}`, cause);
    this.#emit({ type: 'ended', problem });
    this.#ended = true;
    window.clearTimeout(this.#agentDeadline);
    this.#microphone.close();
    this.#accountHelper.close();
    this.#options.onMicrophoneTrack(undefined);
    this.#options.onAgentTrack(undefined);
    void this.#room.disconnect().catch((error: unknown) => console.warn('leaving the room failed', error));
  }
}

function connectProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const refused = error instanceof ConnectionError && error.reason === ConnectionErrorReason.NotAllowed;
  return refused ? problems.livekitRefused : problems.livekitGone;
}

/** Ends that are no fault: the agent may hang up by closing the room. */
const regularEnds: readonly (DisconnectReason | undefined)[] = [
  DisconnectReason.CLIENT_INITIATED,
  DisconnectReason.ROOM_DELETED,
  DisconnectReason.ROOM_CLOSED,
  DisconnectReason.PARTICIPANT_REMOVED,
];
