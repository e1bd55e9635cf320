// One reply on its way to the caller's ear: model → speakable chunks → voice → playout, all at once, under one AbortSignal.

import type { AgentSettings } from '../agent.ts';
import type { Playout, Speech } from '../audio/playout.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { prefetch } from '../lib/prefetch.ts';
import { resolvedOrAborted } from '../lib/until-aborted.ts';
import { type ReplyModel, type ReplyPart, textOf } from '../llm/port.ts';
import type { ToolRun } from '../telemetry/finished-turn.ts';
import type { SpokenAudio, TextToSpeech } from '../tts/port.ts';
import type { CallerTurn, Delivery, Reply, ReplyContent, TurnEvent } from '../turns/events.ts';
import { type ReplyMarks, ReplyTimes } from './reply-marks.ts';
import type { ReplyShare } from './reply-share.ts';
import type { CountedTokens } from './token-count.ts';
import { ReplyText } from './reply-text.ts';
import { ReplyTools } from './reply-tools.ts';
import { spokenReply } from './reply-voicing.ts';
import { writtenReply } from './reply-writing.ts';

/** Pieces of text that the model may be ahead of the voice. A long answer has some hundred words. */
const TEXT_AHEAD = 1024;
/** Pieces of audio that the voice may be ahead of the playout, which has a bound of its own. */
const AUDIO_AHEAD = 8;

/** Fast enough to be noticed at once, slow enough to be no click. */
const LOWERING_MS = 20;
/** Of a reply that was lowered before, as a rule: as short. */
const SUSPENDING_MS = 20;
/** Coming back has no hurry. */
const RAISING_MS = 80;

export interface ReplyOptions {
  readonly reply: Reply;
  readonly content: ReplyContent;
  /** First words, with the white space after them, which the model's go on from. */
  readonly opener?: string | undefined;
  /** Prepare it unheard, until `commit`. */
  readonly held: boolean;
  /** It may be held for many seconds, before the caller has begun to speak. */
  readonly anticipated: boolean;
  /** The voice is to make the whole reply before any of it is played. */
  readonly voiceInBatch: boolean;
  /** What it may take of the services. */
  readonly share: ReplyShare;
  readonly model: ReplyModel;
  /** In the order of preference; at least one. All at the sample rate of the playout. */
  readonly voices: readonly TextToSpeech[];
  readonly playout: Playout;
  readonly settings: Pick<AgentSettings, 'bargeIn' | 'language' | 'llm' | 'tts'>;
  readonly onEvent: (event: TurnEvent) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Tells `replyWritten` and `replyAudible`, in any order, and then exactly one of `replyFinished`, `replyFailed` or, after `stop`, `replyStopped`. While it is
 * held it tells `replyReady` or `replyFailed`, and nothing of its stop.
 */
export class ReplyInProgress {
  readonly #options: ReplyOptions;
  readonly #cancelling = new AbortController();
  readonly #text: ReplyText;
  readonly #tools: ReplyTools;
  readonly #times: ReplyTimes;
  readonly #released = Promise.withResolvers<void>();
  #reply: Reply;
  /** Its place in the playout; a held reply has none. */
  #speech: Speech | undefined;
  #failure: Error | undefined;
  /** The opener and all that the model wrote, once it is done. */
  #completeText: string | undefined;
  #spokenCharacters = 0;
  #ended = false;
  /** At the end of the word. */
  #stopping = false;

  constructor(options: ReplyOptions) {
    this.#options = options;
    this.#reply = options.reply;
    const { language, tts } = options.settings;
    this.#text = new ReplyText({
      language,
      pronunciations: tts.pronunciations,
      takesTokens: this.#takesTokens,
      opener: options.opener,
    });
    this.#tools = new ReplyTools({
      clock: options.clock,
      onAwaitsSettling: () => {
        this.#tellReady();
      },
      onCall: (call) => options.onEvent({ type: 'replyCalledTool', replyId: this.#reply.id, call }),
    });
    this.#times = new ReplyTimes(options.clock);
    if (!options.held) this.#release();
    void this.#run(AbortSignal.any([options.signal, this.#cancelling.signal]));
  }

  get isAnticipated(): boolean {
    return this.#options.anticipated;
  }

  get reply(): Reply {
    return this.#reply;
  }

  get marks(): ReplyMarks {
    return this.#times.marks;
  }

  /** Nobody hears it before `commit`. */
  get isHeld(): boolean {
    return this.#speech === undefined;
  }

  /** What the caller has heard so far, in whole words. */
  get heardText(): string {
    return this.#speech === undefined ? '' : this.#text.heard(this.#speech.heardCharacters());
  }

  /** What the model has written so far. */
  get writtenText(): string {
    return this.#text.written;
  }

  /** Characters that a voice was asked for. */
  get spokenCharacters(): number {
    return this.#spokenCharacters;
  }

  /** What its requests to the model have cost so far; undefined where nothing was asked. */
  get tokens(): CountedTokens | undefined {
    return this.#options.share.tokens;
  }

  /** The model was asked for it; its text was not there already. */
  get isGenerated(): boolean {
    return this.#options.content.type === 'generated';
  }

  /** What its tools did, and when; one that still runs counts until `nowMs`. */
  toolRuns(nowMs: number): readonly ToolRun[] {
    return this.#tools.runs(nowMs);
  }

  /** Why the reply failed, if it did. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** The held reply answers this turn: plays what is ready, at once. */
  commit(turn: CallerTurn): void {
    if (this.#ended || !this.isHeld) return;
    this.#reply = { ...this.#reply, turn };
    this.#times.set('releasedAtMs');
    this.#options.share.commit();
    this.#release();
    this.#tellWritten();
  }

  /** Its tools with effects may run; with false, none may be started any more. */
  settle(settled: boolean): void {
    this.#tools.settle(settled);
  }

  /** Changes how the reply is played, from the next frame on. Nothing upstream is cancelled; it is held back while suspended. */
  deliver(delivery: Delivery): void {
    const speech = this.#speech;
    if (speech === undefined) return;
    if (delivery === 'suspended') {
      speech.suspend({ fadeMs: SUSPENDING_MS });
      return;
    }
    if (delivery === 'full') speech.setGain(0, { rampMs: RAISING_MS });
    else speech.setGain(-this.#options.settings.bargeIn.lowerDb, { rampMs: LOWERING_MS });
    speech.resume({ fromCharacters: this.#text.wordStart(speech.heardCharacters()) });
  }

  /** Silences the reply and cancels everything upstream, synchronously. Idempotent; does nothing once the reply has ended. */
  stop(): void {
    if (this.#ended) return;
    this.#speech?.stop();
    // Tools that are cancelled tell so before the end of their reply.
    this.#cancelling.abort();
    this.#options.share.end();
    if (this.isHeld) this.#ended = true;
    else this.#end('replyStopped');
  }

  /** Says the word to its end, and then falls silent; everything upstream is cancelled at once. */
  stopAtWordEnd(): void {
    const speech = this.#speech;
    if (speech === undefined) {
      this.stop();
      return;
    }
    if (this.#ended || this.#stopping) return;
    this.#stopping = true;
    this.#cancelling.abort();
    this.#options.share.end();
    speech.stopAt(this.#text.wordEnd(speech.heardCharacters()));
  }

  #release(): void {
    this.#speech = this.#options.playout.begin({
      onAudible: (at) => {
        if (this.#options.opener === undefined) this.#times.setAudible(at);
        else this.#times.set('openerSentAtMs', at.sentAtMs);
        this.#options.onEvent({ type: 'replyAudible', replyId: this.#reply.id });
      },
      onFinished: () => this.#end(this.#stopping ? 'replyStopped' : this.#failure ? 'replyFailed' : 'replyFinished'),
    });
    this.#watchContent();
    this.#tools.commit();
    this.#released.resolve();
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      const text = prefetch(this.#markWritten(this.#write(signal), signal), TEXT_AHEAD, { signal });
      const chunks = this.#times.first('firstChunkAtMs', this.#text.chunks(text), {
        counts: () => this.#text.contentFrom !== undefined,
        onFirst: () => this.#watchContent(),
      });
      // A held reply that is done with its opener does not ask for more: when there was more is to be known all the same.
      const ahead = prefetch(chunks, TEXT_AHEAD, { signal });
      const audio = this.#times.first('firstAudioAtMs', this.#voice(ahead, signal), {
        counts: ({ characterEnd }) => characterEnd > (this.#text.contentFrom ?? Number.POSITIVE_INFINITY),
      });
      for await (const piece of prefetch(audio, AUDIO_AHEAD, { signal })) {
        if (this.isHeld) {
          this.#tellReady();
          await resolvedOrAborted(this.#released.promise, signal);
        }
        await this.#speech?.write(piece, { signal });
      }
    } catch (error) {
      if (this.#ended || signal.aborted) return;
      this.#fail(error);
    }
    // What was synthesised before a fault is still played: half an answer is more than a cut word.
    if (!this.#options.signal.aborted) this.#speech?.end();
  }

  #fail(error: unknown): void {
    const { log } = this.#options;
    if (this.isHeld) log.warn('a draft failed', { reply: this.#reply.id, error });
    else log.error('reply failed', { reply: this.#reply.id, kind: this.#reply.kind, error });
    this.#failure = error instanceof Error ? error : new Error(String(error));
    this.#cancelling.abort();
    if (this.isHeld) this.#end('replyFailed');
  }

  #voice(chunks: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<SpokenAudio, void, undefined> {
    const { voices, voiceInBatch, share, settings, clock, log } = this.#options;
    return spokenReply(chunks, {
      voices,
      voiceInBatch,
      takesTokens: this.#takesTokens,
      share,
      isHeld: () => this.isHeld,
      released: this.#released.promise,
      onAsked: (chunk) => (this.#spokenCharacters += chunk.length),
      onPutOff: () => this.#tellReady(),
      settings,
      clock,
      log,
      signal,
    });
  }

  async *#write(signal: AbortSignal): AsyncGenerator<ReplyPart, void, undefined> {
    const { content, opener, share, model, settings, clock, log } = this.#options;
    const tools = this.#tools;
    try {
      yield* writtenReply({ content, opener, model: share.model(model), tools, settings, clock, log, signal });
    } catch (error) {
      // A draft that has nothing but its opener would be taken for an answer.
      const hasContent = opener === undefined || this.#times.marks.firstChunkAtMs !== undefined;
      if (this.isHeld && !hasContent && !signal.aborted) this.#fail(error);
      throw error;
    }
  }

  /** Once it is known where the opener ends, and there is a place in the playout; before any of the content is written to it. */
  #watchContent(): void {
    const { contentFrom } = this.#text;
    if (this.#options.opener === undefined || contentFrom === undefined) return;
    this.#speech?.watchOnset(contentFrom, (at) => this.#times.setAudible(at));
  }

  async *#markWritten(
    parts: AsyncIterable<ReplyPart>,
    signal: AbortSignal,
  ): AsyncGenerator<ReplyPart, void, undefined> {
    let text = this.#options.opener ?? '';
    for await (const part of parts) {
      if (this.marks.firstWordAtMs === undefined) this.#times.set('firstWordAtMs');
      text += textOf(part);
      yield part;
    }
    if (signal.aborted) return;
    this.#times.set('writtenAtMs');
    this.#completeText = text;
    this.#tellWritten();
  }

  #tellWritten(): void {
    const text = this.#completeText;
    if (text === undefined || this.isHeld || this.#ended) return;
    this.#options.onEvent({ type: 'replyWritten', replyId: this.#reply.id, text });
  }

  /** Takes the text as it comes, and waits for the rest of it by itself. A context expires before an anticipated reply is wanted. */
  get #takesTokens(): boolean {
    const { voices, anticipated } = this.#options;
    return !anticipated && voices.every((voice) => voice.takesTokens === true);
  }

  /** Nothing more can be done before it is the answer. */
  #tellReady(): void {
    if (this.isHeld) this.#options.onEvent({ type: 'replyReady', replyId: this.#reply.id });
  }

  #end(type: 'replyFinished' | 'replyStopped' | 'replyFailed'): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.onEvent({ type, replyId: this.#reply.id, heardText: this.heardText });
  }
}
