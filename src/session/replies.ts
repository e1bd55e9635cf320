// The replies of a conversation that have not ended: the one under way, and those that are held, unheard, in case they are
// wanted. The turn engine says what becomes of each, by its id.

import type { AgentSettings } from '../agent.ts';
import type { Playout } from '../audio/playout.ts';
import type { Clock } from '../lib/clock.ts';
import { unreachable } from '../lib/errors.ts';
import type { Logger } from '../lib/log.ts';
import type { TurnCommand, TurnEvent } from '../turns/events.ts';
import { estimatedTokens, withinBudget } from '../turns/history.ts';
import type { BargeIns } from './barge-ins.ts';
import type { Captions } from './captions.ts';
import type { DiscardedDraft } from './finished-turns.ts';
import type { CallerLink } from './caller-link.ts';
import type { Openers } from './openers.ts';
import { ReplyInProgress } from './reply-in-progress.ts';
import { ReplyShare } from './reply-share.ts';
import type { SpeculationLimits } from './speculation.ts';
import { isVoiceInBatch, type Stages } from './stages.ts';
import type { TurnReports } from './turn-reports.ts';

export type ReplyCommand = Extract<
  TurnCommand,
  { type: 'startReply' | 'commitReply' | 'stopReply' | 'settleReply' | 'deliverReply' }
>;

type StartReply = Extract<ReplyCommand, { type: 'startReply' }>;

export interface RepliesOptions {
  readonly stages: Stages;
  readonly settings: AgentSettings;
  /** Of what may be prepared on the chance that it is needed. */
  readonly limits: SpeculationLimits;
  /** Where replies are to begin with words that were chosen before. */
  readonly openers: Openers | undefined;
  readonly playout: Playout;
  readonly onEvent: (event: TurnEvent) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Who is told of what becomes of the replies. */
export interface RepliesAudience {
  readonly captions: Captions | undefined;
  readonly reports: TurnReports | undefined;
  /** Whom they answer. */
  readonly link: CallerLink | undefined;
  readonly bargeIns: BargeIns;
}

export class Replies {
  readonly #options: RepliesOptions;
  readonly #byId = new Map<number, ReplyInProgress>();
  /** What was prepared since the last answer, in vain. */
  readonly #discarded: DiscardedDraft[] = [];

  constructor(options: RepliesOptions) {
    this.#options = options;
  }

  /** A command that concerns a reply which has ended meanwhile does nothing. */
  carryOut(command: ReplyCommand): void {
    switch (command.type) {
      case 'startReply':
        this.#start(command);
        break;
      case 'commitReply':
        this.#byId.get(command.replyId)?.commit(command.turn);
        break;
      case 'stopReply':
        this.#stop(command.replyId, command);
        break;
      case 'settleReply':
        this.#byId.get(command.replyId)?.settle(command.settled);
        break;
      case 'deliverReply':
        this.#byId.get(command.replyId)?.deliver(command.delivery);
        break;
      default:
        unreachable(command);
    }
  }

  /** Opens a connection to the model before it is needed: while the caller speaks. */
  warmUp(): void {
    const { stages, log, signal } = this.#options;
    const { model } = stages;
    model.warmUp?.({ signal }).catch((error: unknown) => {
      log.warn('the model could not be reached in advance', { model: model.name, error });
    });
  }

  /** What an event means for captions and for the account of the turn; a reply that it ends is let go. */
  report(event: TurnEvent, audience: RepliesAudience): void {
    if (event.type === 'tick') {
      for (const inProgress of this.#byId.values()) {
        if (inProgress.isHeld) continue;
        const { reply, heardText } = inProgress;
        audience.captions?.showAgent(reply.id, heardText);
        audience.link?.spoken(reply.id, heardText);
        audience.reports?.progress(inProgress, audience.link);
      }
    } else if (event.type === 'replyAudible') {
      const reply = this.#byId.get(event.replyId);
      if (reply !== undefined) audience.reports?.audible(reply, audience.link);
    } else if (event.type === 'replyFinished' || event.type === 'replyStopped' || event.type === 'replyFailed') {
      this.#end(event, audience);
    }
  }

  /** Silences and cancels all of them, synchronously. */
  close(): void {
    for (const id of this.#byId.keys()) this.#stop(id);
  }

  #start(command: StartReply): void {
    const { reply, content, held, anticipated = false } = command;
    const { stages, settings, limits, playout, onEvent, clock, log, signal } = this.#options;
    const { model, tts, fallbackTts } = stages;
    const share = new ReplyShare({
      limits,
      urgency: anticipated ? 'anticipation' : held ? 'draft' : 'committed',
      instructionTokens: estimatedTokens(settings.instructions ?? ''),
      onGivenUp: () => this.#giveUp(reply.id),
      log,
    });
    const maxTokens = settings.llm.historyTokens;
    if (content.type === 'generated' && !share.begin(withinBudget(content.messages, { maxTokens }))) {
      onEvent({ type: 'replyRefused', replyId: reply.id });
      return;
    }
    const inProgress = new ReplyInProgress({
      reply,
      content,
      opener: this.#openerOf(command),
      held,
      anticipated,
      voiceInBatch: isVoiceInBatch(settings),
      share,
      model,
      voices: fallbackTts === undefined ? [tts] : [tts, fallbackTts],
      playout,
      settings,
      onEvent,
      clock,
      log,
      signal,
    });
    this.#byId.set(reply.id, inProgress);
  }

  /** Only of what answers spoken words. */
  #openerOf({ reply, content, held, dueInMs }: StartReply): string | undefined {
    const answersVoice = reply.kind === 'reply' && reply.turn?.source === 'voice';
    const soonestMs = answersVoice && !held ? 0 : dueInMs;
    const last = content.type === 'generated' ? content.messages.at(-1) : undefined;
    if (soonestMs === undefined || last?.role !== 'user') return undefined;
    return this.#options.openers?.choose(last.text, soonestMs);
  }

  /** Others need the place of this one, which is held. */
  #giveUp(id: number): void {
    this.#stop(id);
    this.#options.onEvent({ type: 'replyFailed', replyId: id, heardText: '' });
  }

  /** Nothing is told of the end of one that nobody has heard of. */
  #stop(id: number, { atWordEnd = false }: { readonly atWordEnd?: boolean } = {}): void {
    const reply = this.#byId.get(id);
    if (reply?.isHeld === true) {
      this.#byId.delete(id);
      this.#discarded.push({ reply, endedAtMs: this.#options.clock.nowMs() });
    }
    if (atWordEnd) reply?.stopAtWordEnd();
    else reply?.stop();
  }

  /** Those of a turn go with its answer. */
  #discardedFor(reply: ReplyInProgress): readonly DiscardedDraft[] {
    return reply.reply.kind === 'reply' ? this.#discarded.splice(0) : [];
  }

  #end(
    { replyId, heardText }: { readonly replyId: number; readonly heardText: string },
    { captions, reports, link, bargeIns }: RepliesAudience,
  ): void {
    const reply = this.#byId.get(replyId);
    this.#byId.delete(replyId);
    if (reply === undefined) return;
    if (reply.isHeld) {
      this.#discarded.push({ reply, endedAtMs: this.#options.clock.nowMs() });
      return;
    }
    if (reply.reply.kind === 'reply') this.#options.openers?.learn(reply.marks);
    captions?.showAgent(replyId, heardText);
    captions?.endAgent();
    link?.spoken(replyId, heardText);
    const discarded = this.#discardedFor(reply);
    reports?.over(reply, { heardText, link, discarded, bargeIn: bargeIns.marksOf(replyId) });
  }
}
