// One conversation in virtual time: a caller who follows the script and waits for answers, and what came of each turn.
// The session under test is the real one; only `startSession`, `defineAgent` and the ports are used.

import { defineAgent } from '../../src/agent.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import { SimCaller } from '../../test/sim/sim-caller.ts';
import { VirtualClock } from '../../test/sim/virtual-clock.ts';
import { EarRoom, NETWORK_MS } from './ear.ts';
import { ModelStandIn } from './model.ts';
import type { ModelCall } from './model.ts';
import type { BenchMode } from './modes.ts';
import type { ProviderProfile } from './profiles.ts';
import { Random } from './random.ts';
import { RecogniserStandIn } from './recogniser.ts';
import type { StandInOptions } from './recogniser.ts';
import { FRAME_MS } from './script.ts';
import type { Conversation, Disturbance, InnerPause, ScriptedTurn, ScriptedWord, SpokenRun } from './script.ts';
import { drawMovementDb, levelCodec, movingVoiceDetector, voicePayload } from './sound.ts';
import { VoiceStandIn } from './voice.ts';

/** A reply that was heard, or was to be. */
export interface ObservedReply {
  readonly kind: TurnReport['kind'];
  /** What it answers. */
  readonly transcript: string;
  /** Monotonic, at the agent; undefined where nothing of it was heard. Openers are no content. */
  audibleAtMs: number | undefined;
  overAtMs: number | undefined;
  heardText: string;
  writtenText: string;
  failed: boolean;
  /** The session's own account. */
  spans: TurnReport['spans'];
}

export interface ObservedPause extends InnerPause {
  readonly startAtMs: number;
  /** The words before it, since the beginning of the turn. */
  readonly wordsBefore: readonly ScriptedWord[];
}

/** What happened, on one clock; instants are the caller's. */
export interface ObservedTurn {
  readonly scripted: ScriptedTurn;
  readonly index: number;
  readonly startAtMs: number;
  readonly endAtMs: number;
  /** When the next turn began, or the conversation was over. */
  readonly untilMs: number;
  readonly pauses: readonly ObservedPause[];
  /** Said into a reply that was heard at that time. */
  readonly interrupts: boolean;
  readonly disturbance: { readonly startAtMs: number; readonly endAtMs: number } | undefined;
}

export interface ObservedConversation {
  readonly turns: readonly ObservedTurn[];
  readonly replies: readonly ObservedReply[];
  readonly calls: readonly ModelCall[];
  readonly ear: EarRoom;
  readonly voice: Pick<VoiceStandIn, 'characters' | 'contexts' | 'expiredCount' | 'refusedCount'>;
  /** What a closed session has left behind; all 0. */
  readonly left: { readonly timers: number; readonly calls: number; readonly contexts: number };
}

export interface ConversationOptions {
  readonly script: Conversation;
  readonly profile: ProviderProfile;
  readonly mode: BenchMode;
  readonly seed: string;
  /** The caller's client sends next to nothing in silence, as browsers do. */
  readonly dtx: boolean;
}

/** Nobody is on the phone any more after this. */
const UNANSWERED_AFTER_MS = 12_000;
/** The first turn is spoken into a settled connection. */
const LEAD_MS = 1000;

/** Holds the conversation with a session of its own, on a clock of its own. */
export function hold(options: ConversationOptions): Promise<ObservedConversation> {
  return new Director(options).run();
}

class Director {
  readonly #options: ConversationOptions;
  readonly #clock = new VirtualClock();
  readonly #ear = new EarRoom(this.#clock);
  readonly #spoken: ScriptedWord[] = [];
  readonly #replies: ObservedReply[] = [];
  readonly #turns: ObservedTurn[] = [];
  readonly #model: ModelStandIn;
  readonly #voice: VoiceStandIn;
  readonly #recogniser: RecogniserStandIn;
  readonly #caller: SimCaller;
  /** Of the sounds that the caller makes. */
  readonly #random: Random;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { profile, seed } = options;
    const standIn = (name: string): StandInOptions => ({
      clock: this.#clock,
      profile,
      random: new Random(seed, profile.name, name),
    });
    this.#model = new ModelStandIn(options.script, standIn('model'));
    this.#voice = new VoiceStandIn(standIn('voice'));
    this.#recogniser = new RecogniserStandIn(this.#spoken, standIn('recogniser'));
    this.#random = new Random(seed, 'movement');
    this.#caller = new SimCaller(this.#clock, this.#ear);
    this.#caller.dtx = options.dtx;
    // A frame can be sent once its last sample exists.
    this.#caller.network = () => FRAME_MS + NETWORK_MS;
  }

  async run(): Promise<ObservedConversation> {
    const session = await startSession({
      join: this.#ear.join,
      stages: {
        stt: this.#recogniser,
        model: this.#model,
        tts: this.#voice,
        codec: levelCodec,
        createVoiceDetector: movingVoiceDetector,
      },
      settings: defineAgent(this.#options.mode.options),
      clock: this.#clock,
      log: silentLogger,
      onTurn: (report) => this.#observe(report),
    });
    await this.#caller.rest(LEAD_MS);
    for (const [index, scripted] of this.#options.script.entries()) await this.#turn(scripted, index);
    await this.#caller.rest(LEAD_MS);
    await session.close();
    await this.#clock.advance(10_000);
    return {
      turns: this.#turns,
      replies: this.#replies,
      calls: this.#model.calls,
      ear: this.#ear,
      voice: this.#voice,
      left: {
        timers: this.#clock.pendingTimerCount,
        calls: this.#model.calls.filter(({ endedAtMs }) => endedAtMs === undefined).length,
        contexts: this.#voice.contexts.filter(({ closedAtMs }) => closedAtMs === undefined).length,
      },
    };
  }

  async #turn(scripted: ScriptedTurn, index: number): Promise<void> {
    const interrupts = scripted.interruptsAfterMs !== undefined && this.#playing() !== undefined;
    this.#model.turnIndex = index;
    const startAtMs = this.#clock.nowMs();
    const pauses: ObservedPause[] = [];
    const words: ScriptedWord[] = [];
    for (const run of scripted.runs) {
      await this.#say(run);
      words.push(...run.words);
      if (run.pause === undefined) continue;
      pauses.push({ ...run.pause, startAtMs: this.#clock.nowMs(), wordsBefore: [...words] });
      await this.#caller.rest(run.pause.ms);
    }
    const endAtMs = this.#clock.nowMs();
    const next = this.#options.script[index + 1];
    const disturbance = await this.#listen(scripted, next, endAtMs);
    const untilMs = this.#clock.nowMs();
    this.#turns.push({ scripted, index, startAtMs, endAtMs, untilMs, pauses, interrupts, disturbance });
  }

  async #say({ words }: SpokenRun): Promise<void> {
    const movementDb = drawMovementDb('speech', this.#random);
    for (const word of words) {
      this.#spoken.push(word);
      const payload = voicePayload(this.#spoken.length, movementDb);
      for (let passedMs = 0; passedMs < word.ms; passedMs += FRAME_MS) await this.#caller.sound(payload);
    }
  }

  /** Waits for the reply, its end and the gap after it, or until the next turn is to interrupt it; disturbs it on the way. */
  async #listen(
    { disturbance }: ScriptedTurn,
    next: ScriptedTurn | undefined,
    endAtMs: number,
  ): Promise<ObservedTurn['disturbance']> {
    let disturbed: ObservedTurn['disturbance'];
    for (;;) {
      const nowMs = this.#clock.nowMs();
      const answer = this.#replies.find(({ audibleAtMs }) => audibleAtMs !== undefined && audibleAtMs > endAtMs);
      if (answer?.audibleAtMs === undefined) {
        if (nowMs - endAtMs > UNANSWERED_AFTER_MS) return disturbed;
      } else {
        const heardMs = nowMs - answer.audibleAtMs - NETWORK_MS;
        const isPlaying = answer.overAtMs === undefined;
        if (disturbance !== undefined && disturbed === undefined && isPlaying && heardMs >= disturbance.afterMs) {
          disturbed = await this.#disturb(disturbance);
          continue;
        }
        if (next?.interruptsAfterMs !== undefined && isPlaying && heardMs >= next.interruptsAfterMs) return disturbed;
        const quietMs = nowMs - (this.#ear.lastHeardAtMs ?? nowMs);
        if (this.#playing() === undefined && quietMs >= (next?.gapMs ?? LEAD_MS)) return disturbed;
      }
      await this.#caller.rest(FRAME_MS);
    }
  }

  async #disturb({ kind, ms, word }: Disturbance): Promise<NonNullable<ObservedTurn['disturbance']>> {
    const startAtMs = this.#clock.nowMs();
    if (word !== undefined) {
      this.#spoken.push({ ms, spoken: word, final: word, interim: word, joined: false, mark: '.' });
    }
    const payload = voicePayload(word === undefined ? 0 : this.#spoken.length, drawMovementDb(kind, this.#random));
    for (let passedMs = 0; passedMs < ms; passedMs += FRAME_MS) await this.#caller.sound(payload);
    return { startAtMs, endAtMs: this.#clock.nowMs() };
  }

  #playing(): ObservedReply | undefined {
    const last = this.#replies.at(-1);
    return last?.overAtMs === undefined ? last : undefined;
  }

  #observe({ kind, transcript = '', heardText, reply, error, spans, openerMs, responseMs }: TurnReport): void {
    const nowMs = this.#clock.nowMs();
    const open = this.#playing();
    const observed: ObservedReply = open ?? {
      kind,
      transcript,
      audibleAtMs: undefined,
      overAtMs: undefined,
      heardText: '',
      writtenText: '',
      failed: false,
      spans,
    };
    if (open === undefined) this.#replies.push(observed);
    const isOpenerOnly = openerMs !== undefined && responseMs === undefined;
    if (heardText === undefined) {
      if (!isOpenerOnly) observed.audibleAtMs = nowMs;
      observed.spans = spans;
      return;
    }
    observed.overAtMs = nowMs;
    observed.heardText = heardText;
    observed.writtenText = reply ?? '';
    observed.failed = error !== undefined;
  }
}
