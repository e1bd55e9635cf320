// One conversation: joins the room, links a caller, feeds the turn engine and carries out its commands.
// Owns every AbortController of the conversation.

import type { AgentSettings } from '../agent.ts';
import { Playout } from '../audio/playout.ts';
import type { SoundModel } from '../audio/sound-model.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { ReparteeError, unreachable } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { JoinRoom, RemoteParticipant, Room, RoomEvent } from '../room/port.ts';
import type { OutgoingRtpPacket } from '../rtp/packet.ts';
import type { CallObserver } from '../telemetry/call-telemetry.ts';
import { step } from '../turns/engine.ts';
import type { TurnCommand, TurnEvent } from '../turns/events.ts';
import type { TurnSettings } from '../turns/settings.ts';
import { agentActivity, initialTurnState, isBetweenTurns } from '../turns/state.ts';
import type { TurnState } from '../turns/state.ts';
import { type Anticipate, Anticipation } from './anticipation.ts';
import { BargeIns } from './barge-ins.ts';
import { CallRecorder, type RecordedCall } from './call-recorder.ts';
import { Captions } from './captions.ts';
import { CallerLink } from './caller-link.ts';
import { LinkPolicy } from './link-policy.ts';
import { loggedIdentity } from './linked-participant.ts';
import { type Openers, openersOf, type OpenWith } from './openers.ts';
import { Replies } from './replies.ts';
import { prepareReplyText } from './reply-text.ts';
import { SpeculationLimits } from './speculation.ts';
import { type Stages, stagesFor } from './stages.ts';
import type { ReportedAccount } from './turn-accounts.ts';
import { TurnReports } from './turn-reports.ts';
import type { TurnReport } from './turn-reports.ts';
import { turnSettings } from './turn-settings.ts';

export interface SessionOptions {
  readonly join: JoinRoom;
  readonly stages: Stages;
  readonly settings: AgentSettings;
  /** Bounds of speculative work, shared by the sessions that use the same accounts. Default: one of its own, by the settings. */
  readonly limits?: SpeculationLimits;
  /** Chooses first words of replies (`opener.minWords`, `perTurn` and `deadlineMs` hold for it), in place of the model. */
  readonly openWith?: OpenWith;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the session. */
  readonly signal?: AbortSignal;
  /** Says what the caller will probably answer, instead of what `anticipation.source` says. */
  readonly anticipate?: Anticipate;
  /** Called with each participant that is listened to from now on. */
  readonly onCaller?: (identity: string) => void;
  /** Called once the room is joined: who is told of what becomes of the call, for traces and metrics. */
  readonly observe?: (room: Room) => CallObserver;
  /** Takes both sides of the call. The agent says so in its attributes: `repartee.recording`. */
  readonly recording?: RecordedCall | undefined;
  /** Called when a reply becomes audible, and again when it is over. */
  readonly onTurn?: (report: TurnReport) => void;
  /** Called with the account of each turn when its answer is audible, when more is known, and for good (docs/latency.md). */
  readonly onAccount?: (account: ReportedAccount) => void;
}

export type SessionEnd =
  | { readonly reason: 'closed' }
  /** Nobody to listen to for `caller.leaveAfterMs`. */
  | { readonly reason: 'callerGone' }
  /** The call had lasted `maxCallMs`; goodbye has been said. */
  | { readonly reason: 'callLimit' }
  /** The caller said nothing any more; goodbye has been said. */
  | { readonly reason: 'silence' }
  | { readonly reason: 'roomClosed'; readonly error: Error | undefined };

export interface Session {
  /** Resolves once everything is freed; never rejects. */
  readonly ended: Promise<SessionEnd>;
  /** Leaves the room and frees everything. Idempotent. */
  close(): Promise<void>;
}

/** Joins the room and answers whoever is there. Rejects with the `RoomError` of joining, or of a stage that can't start. */
export async function startSession(options: SessionOptions): Promise<Session> {
  const conversation = new Conversation(options);
  try {
    await conversation.join();
  } catch (error) {
    await conversation.close();
    throw error;
  }
  return conversation;
}

/** Messages kept for a caller who is not linked yet; the server tells of a participant within a second. */
const MAX_EARLY_TEXTS = 8;

class Conversation implements Session {
  readonly ended: Promise<SessionEnd>;
  readonly #options: SessionOptions;
  readonly #stages: Stages;
  readonly #turnSettings: TurnSettings;
  readonly #closing = new AbortController();
  readonly #anticipation: Anticipation;
  readonly #playout: Playout;
  readonly #openers: Openers | undefined;
  readonly #replies: Replies;
  readonly #bargeIns: BargeIns;
  readonly #links: LinkPolicy;
  readonly #pending: TurnEvent[] = [];
  /** Identities of those who were linked before. */
  readonly #met = new Set<string>();
  readonly #earlyTexts: { readonly identity: string; readonly text: string }[] = [];
  #resolveEnded: (end: SessionEnd) => void = () => undefined;
  #over: Promise<void> | undefined;
  #callLimit: Timer | undefined;
  #state: TurnState = initialTurnState;
  #stepping = false;
  #shownActivity: string | undefined;
  #entering: Promise<Room> | undefined;
  #room: Room | undefined;
  #captions: Captions | undefined;
  #reports: TurnReports | undefined;
  #observer: CallObserver | undefined;
  readonly #recorder: CallRecorder | undefined;
  #link: CallerLink | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { settings, clock, log } = options;
    const stages = stagesFor(options.stages, settings, log);
    this.#stages = stages;
    this.#recorder = options.recording && new CallRecorder(options.recording, clock);
    this.#turnSettings = turnSettings(settings, stages.stt, log, options.anticipate && true);
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#bargeIns = new BargeIns(clock, stages.tts.sampleRateHz);
    this.#playout = new Playout({
      clock,
      codec: stages.codec,
      sampleRateHz: stages.tts.sampleRateHz,
      bufferFrames: settings.bufferFrames,
      send: (packet) => this.#sendAudio(packet),
      onSent: (frame, atMs, rtpTimestamp, of) => {
        this.#link?.played(frame, atMs);
        this.#bargeIns.sent(frame, rtpTimestamp, of);
        const { sampleRateHz } = stages.tts;
        this.#recorder?.sent({ samples: frame, sampleRateHz, atMs, rtpTimestamp }, this.#link?.clocks);
      },
    });
    const limits = options.limits ?? new SpeculationLimits(settings.speculation, clock);
    const shared = { settings, limits, clock, log, signal: this.#closing.signal };
    this.#anticipation = new Anticipation({
      ...shared,
      model: stages.model,
      anticipate: options.anticipate,
      onEvent: (event) => this.#dispatch(event),
    });
    this.#openers = openersOf({ ...shared, openWith: options.openWith, model: stages.model });
    this.#replies = new Replies({
      ...shared,
      stages,
      openers: this.#openers,
      playout: this.#playout,
      onEvent: (event) => this.#dispatch(event),
    });
    this.#links = new LinkPolicy({
      ...settings.caller,
      isBetweenTurns: () => isBetweenTurns(this.#state),
      clock,
      onLink: (participant, takesOver) => this.#linkCaller(participant, takesOver),
      onUnlink: () => this.#unlinkCaller(),
      onAlone: () => {
        log.info('nobody to listen to; leaving');
        void this.#end({ reason: 'callerGone' });
      },
    });
    options.signal?.addEventListener('abort', () => void this.close(), { once: true });
  }

  async join(): Promise<void> {
    const { join, settings, clock, signal } = this.#options;
    // Before anybody can be heard: it takes the event loop for some milliseconds.
    prepareReplyText(settings.language);
    const joining = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    this.#entering = join({ signal: joining, onEvent: (event) => this.#onRoomEvent(event) });
    const [room] = await Promise.all([this.#entering, this.#stages.tts.warmUp(), this.#soundModel?.warmUp()]);
    this.#closing.signal.throwIfAborted();
    this.#room = room;
    // Before anything is heard of anybody.
    void this.#recorder?.announce(room);
    this.#replies.warmUp();
    this.#callLimit = clock.after(settings.maxCallMs, () => this.#dispatch({ type: 'callLimitReached' }));
    this.#captions = new Captions(room);
    this.#observer = this.#options.observe?.(room);
    this.#reports = new TurnReports(room, { ...this.#options, observer: this.#observer });
    this.#showActivity();
    this.#links.update(room.participants);
  }

  close(): Promise<void> {
    return this.#end({ reason: 'closed' });
  }

  /** Ends the conversation once; later reasons are ignored. */
  #end(end: SessionEnd): Promise<void> {
    this.#over ??= (async () => {
      this.#links.close();
      this.#callLimit?.cancel();
      this.#replies.close();
      this.#closing.abort();
      this.#link?.close();
      this.#reports?.close();
      this.#playout.close();
      this.#recorder?.close();
      this.#options.log.info('audio of the agent', { ...this.#playout.statistics });
      this.#observer?.end(end.reason);
      // Who could not join has been told so by `startSession`.
      const room = await this.#entering?.catch(() => undefined);
      await room?.close();
      this.#resolveEnded(end);
    })();
    return this.#over;
  }

  #sendAudio(packet: OutgoingRtpPacket): boolean {
    const sent = this.#room?.sendAudio(packet) ?? false;
    const sentAtMs = this.#options.clock.nowMs();
    const { rtpTimestamp, capturedAtMs = sentAtMs } = packet;
    if (sent) this.#link?.clocks.sent({ rtpTimestamp, capturedAtMs, sentAtMs });
    return sent;
  }

  #onRoomEvent(event: RoomEvent): void {
    switch (event.type) {
      case 'participantJoined':
      case 'participantUpdated':
      case 'participantLeft':
        if (this.#room !== undefined) this.#links.update(this.#room.participants);
        break;
      case 'activeSpeakers':
        this.#links.speaking(event.identities);
        break;
      case 'text':
        if (event.topic === 'lk.chat') this.#receiveText(event);
        break;
      case 'dtmf':
        this.#receiveKey(event);
        break;
      case 'data':
        this.#link?.clocks.receive(event);
        break;
      case 'closed':
        this.#logEndOfRoom(event.error);
        void this.#end({ reason: 'roomClosed', error: event.error });
        break;
      default:
        unreachable(event);
    }
  }

  /** A room that its server ended on purpose, all others having left for instance, is no fault. */
  #logEndOfRoom(error: Error | undefined): void {
    const { log } = this.#options;
    if (error instanceof ReparteeError && !error.retryable) log.info('the room is closed', { reason: error.message });
    else if (error !== undefined) log.error('the room is closed', { error });
  }

  #receiveKey({ identity, key }: Extract<RoomEvent, { type: 'dtmf' }>): void {
    if (this.#link?.identity !== identity) return;
    this.#dispatch({ type: 'keyPressed', key, timestamp: this.#link.reachedTimestamp });
  }

  /** Typed words may come before the server tells of the one who wrote them: they wait for the link. */
  #receiveText(typed: { readonly identity: string; readonly text: string }): void {
    if (typed.identity === this.#link?.identity) this.#dispatch({ type: 'textReceived', text: typed.text });
    else if (this.#link === undefined && this.#earlyTexts.length < MAX_EARLY_TEXTS) this.#earlyTexts.push(typed);
  }

  #linkCaller({ identity, kind }: RemoteParticipant, takesOver: boolean): void {
    if (this.#room === undefined) return;
    const { settings, clock, log } = this.#options;
    log.info('listening to a caller', { identity: loggedIdentity({ identity, kind }) });
    this.#options.onCaller?.(identity);
    this.#observer?.caller(identity);
    this.#link = new CallerLink({
      identity,
      room: this.#room,
      stages: this.#stages,
      soundModel: this.#soundModel,
      recorder: this.#recorder,
      settings,
      clock,
      log,
      signal: this.#closing.signal,
      onEvent: (event) => this.#dispatch(event),
    });
    const greet = !takesOver && !this.#met.has(identity);
    this.#dispatch({ type: 'callerLinked', greet, onPhone: kind === 'sip' });
    this.#met.add(identity);
    for (const typed of this.#earlyTexts.splice(0)) this.#receiveText(typed);
  }

  #unlinkCaller(): void {
    this.#options.log.info('the caller is gone', { identity: this.#link?.loggedIdentity });
    this.#recorder?.flush();
    this.#link?.close();
    this.#link = undefined;
    this.#dispatch({ type: 'callerLeft' });
  }

  get #soundModel(): SoundModel | undefined {
    return this.#turnSettings.judgeSound ? this.#stages.soundModel : undefined;
  }

  /** The one queue: events that come while a step is carried out wait for its end. */
  #dispatch(event: TurnEvent): void {
    if (this.#over !== undefined) return;
    this.#pending.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) this.#step(next);
    } finally {
      this.#stepping = false;
    }
  }

  #step(event: TurnEvent): void {
    this.#bargeIns.observe(event, this.#state, this.#link);
    const { state, commands } = step(this.#state, event, this.#options.clock.nowMs(), this.#turnSettings);
    this.#state = state;
    if (event.type === 'voiceStarted') {
      this.#replies.warmUp();
      this.#anticipation.stop();
    }
    for (const command of commands) {
      this.#bargeIns.follow(event, command);
      this.#carryOut(command);
    }
    this.#openers?.observe(state);
    this.#replies.report(event, {
      captions: this.#captions,
      reports: this.#reports,
      link: this.#link,
      bargeIns: this.#bargeIns,
    });
    this.#showActivity();
    if (event.type !== 'tick' && isBetweenTurns(state)) this.#links.turnEnded();
  }

  #carryOut(command: TurnCommand): void {
    switch (command.type) {
      case 'finalizeTranscript':
        this.#link?.finalize();
        break;
      case 'judgeSound':
        this.#link?.judgeSound(command);
        break;
      case 'startReply':
      case 'commitReply':
      case 'stopReply':
      case 'settleReply':
      case 'deliverReply':
        this.#replies.carryOut(command);
        break;
      case 'anticipate':
        this.#anticipation.ask(command);
        break;
      case 'callerWords': {
        const caller = this.#link && this.#room?.participants.get(this.#link.identity);
        if (caller === undefined) break;
        this.#captions?.showCaller(caller.identity, caller.microphone?.trackSid, command.text, command.complete);
        break;
      }
      case 'endCall':
        this.#options.log.info('goodbye is said; leaving', { reason: command.reason });
        void this.#end({ reason: command.reason });
        break;
      default:
        unreachable(command);
    }
  }

  #showActivity(): void {
    const activity = agentActivity(this.#state);
    if (activity === this.#shownActivity) return;
    this.#shownActivity = activity;
    this.#room?.setAttributes({ 'lk.agent.state': activity });
  }
}
