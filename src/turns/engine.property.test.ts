import fc from 'fast-check';
import { expect, it } from 'vitest';

import { FRAME_MS, TICKS_PER_MS } from '../rtp/packet.ts';
import { step } from './engine.ts';
import type { CallerTurn, Delivery, ReplyKind, TurnCommand, TurnEvent } from './events.ts';
import type { Message, ToolOutcome } from './history.ts';
import { initialTurnState } from './state.ts';
import { similarWords } from './similar-words.ts';
import type { TurnSettings } from './settings.ts';
import type { TurnState } from './state.ts';

const settings: TurnSettings = {
  endpointing: ({ soundComplete = 0 }) => (soundComplete > 0.5 ? 300 : 500),
  finalAtPause: false,
  judgeSound: true,
  finalDeadlineMs: 700,
  drafts: { policy: 'ifUnchanged', perTurn: 3, waitMs: 1500, leadMs: 700 },
  anticipation: { perReply: 2 },
  similar: similarWords('en'),
  bargeIn: {
    suspendAfterMs: 240,
    briefMs: 500,
    resumeAfterMs: 1500,
    stopAfterMs: 2000,
    isBackchannel: (text) => text === 'mhm',
  },
  settleMs: 400,
  unintelligibleVoicedMs: 300,
  greeting: { type: 'text', text: 'Good morning.' },
  dtmf: { interDigitMs: 1000, endsWith: '#' },
  silence: { mode: 'always', repromptAfterMs: 1500, reprompts: 1, reprompt: { type: 'text', text: 'Still there?' } },
  apology: 'Sorry.',
  goodbye: 'Goodbye.',
};

/** A reply that nobody hears yet. */
interface HeldReply {
  readonly anticipated: boolean;
  readonly messages: readonly Message[];
}

type Happening =
  | 'question'
  | 'saying'
  | 'written'
  | 'foreseen'
  | 'ready'
  | 'refused'
  | 'failHeld'
  | 'voice'
  | 'quiet'
  | 'interim'
  | 'backchannel'
  | 'final'
  | 'rejected'
  | 'text'
  | 'key'
  | 'hash'
  | 'audible'
  | 'finish'
  | 'fail'
  | 'leave'
  | 'deaf'
  | 'hearing'
  | 'moment'
  | 'doubt'
  | 'tool'
  | 'outcome'
  | 'sound'
  | 'wait'
  | 'lull';

const happenings = fc.array(
  fc.constantFrom<Happening>(
    ...([
      'voice',
      'voice',
      'quiet',
      'quiet',
      'interim',
      'backchannel',
      'final',
      'text',
      'key',
      'audible',
      'audible',
      'tool',
      'tool',
      'outcome',
      'sound',
      'finish',
      'fail',
      'written',
      'written',
      'foreseen',
      'foreseen',
      'question',
      'question',
      'saying',
      'saying',
    ] as const),
    ...([
      'ready',
      'ready',
      'refused',
      'failHeld',
      'rejected',
      'leave',
      'deaf',
      'hearing',
      'doubt',
      'hash',
      'lull',
      'lull',
      'moment',
      'moment',
      'wait',
      'wait',
      'wait',
      'wait',
      'wait',
    ] as const),
  ),
  { minLength: 1, maxLength: 120 },
);

const SIGNS_OF_LIFE: ReadonlySet<Happening> = new Set([
  'voice',
  'interim',
  'backchannel',
  'text',
  'key',
  'hash',
  'leave',
]);

/** The world around the engine: carries out its commands as a session would, and lets anything happen in any order. */
class World {
  state: TurnState = initialTurnState;
  nowMs = 0;
  /** The reply that exists, and how many words of it were heard. */
  reply: { readonly id: number; heardCount: number; writtenCount: number | undefined; delivery: Delivery } | undefined;
  readonly held = new Map<number, HeldReply>();
  /** Drafts since the last turn was ended. */
  draftCount = 0;
  /** What the caller will say is asked for. */
  foreseeing: number | undefined;
  /** Replies that were foreseen and are played. */
  hitCount = 0;
  readonly heard: string[] = [];
  /** Whether tools with effects may run, and those that have run. */
  settled = false;
  readonly toolsRun: string[] = [];
  /** When the caller last made a sound, or a reply was started. */
  unsettledAtMs = 0;
  finalizesOwed = 0;
  voiceSinceMs: number | undefined;
  isDoubtful = false;
  callsEnded = 0;
  /** When the caller or the agent last did anything, and how often the caller was asked again since their last sign of life. */
  livelyAtMs = 0;
  promptCount = 0;
  readonly outcomes: (() => void)[] = [];
  readonly pausesToJudge: number[] = [];
  /** Keys that somebody pressed who is still there, and those in the history when they came. */
  keys = '';
  keysBefore = '';
  answeredTurn = 0;
  /** A final came late and differed: its turn was answered again, keys included. */
  corrected = false;

  readonly #pending: TurnEvent[] = [];
  #isStepping = false;

  /** Events that come while commands are carried out wait for their end. */
  tell(event: TurnEvent): void {
    this.#pending.push(event);
    if (this.#isStepping) return;
    this.#isStepping = true;
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      const { state, commands } = step(this.state, next, this.nowMs, settings);
      this.state = state;
      for (const command of commands) this.carryOut(command);
    }
    this.#isStepping = false;
  }

  carryOut(command: TurnCommand): void {
    switch (command.type) {
      case 'startReply':
        expect(this.state.caller.kind, 'nobody is answered in an empty room').not.toBe('absent');
        if (command.held) {
          this.hold(command);
          break;
        }
        this.expectSilenceBefore(command.reply.kind);
        if (command.reply.kind === 'reply') this.noteAnswer(command.reply.turn);
        this.begin(command.reply.id);
        break;
      case 'stopReply':
        if (this.held.delete(command.replyId)) break;
        expect(command.replyId).toBe(this.reply?.id);
        this.endReply('replyStopped');
        break;
      case 'anticipate':
        this.foreseeing = command.replyId;
        break;
      case 'deliverReply':
        expect(command.replyId).toBe(this.reply?.id);
        if (this.reply !== undefined) this.reply.delivery = command.delivery;
        break;
      case 'commitReply':
        this.noteAnswer(command.turn);
        this.commit(command.replyId);
        break;
      case 'settleReply':
        expect(command.replyId).toBe(this.reply?.id);
        this.settled = command.settled;
        break;
      case 'finalizeTranscript':
        this.finalizesOwed += 1;
        break;
      case 'judgeSound':
        this.pausesToJudge.push(command.voiceEndedAt);
        break;
      case 'callerWords':
        if (command.complete) this.draftCount = 0;
        break;
      case 'endCall':
        this.callsEnded += 1;
        if (command.reason === 'silence') {
          expect(this.voiceSinceMs, 'nobody is left who speaks').toBeUndefined();
          expect(this.promptCount, 'nor who was not asked').toBe(settings.silence.reprompts);
        }
        break;
    }
  }

  noteAnswer(turn: CallerTurn | undefined): void {
    if (turn === undefined) return;
    this.corrected ||= turn.number <= this.answeredTurn;
    this.answeredTurn = turn.number;
  }

  begin(id: number): void {
    expect(this.reply, 'one reply at a time').toBeUndefined();
    this.reply = { id, heardCount: 0, writtenCount: undefined, delivery: 'full' };
    this.settled = false;
    this.unsettledAtMs = this.nowMs;
  }

  hold({ reply, content, anticipated = false }: Extract<TurnCommand, { type: 'startReply' }>): void {
    this.held.set(reply.id, { anticipated, messages: content.type === 'generated' ? content.messages : [] });
    const kept = [...this.held.values()];
    expect(kept.filter((one) => one.anticipated).length).toBeLessThanOrEqual(settings.anticipation.perReply);
    expect(kept.filter((one) => !one.anticipated).length, 'one draft at a time').toBeLessThanOrEqual(1);
    if (anticipated) return;
    this.draftCount += 1;
    expect(this.draftCount).toBeLessThanOrEqual(settings.drafts.perTurn);
  }

  /** What was prepared answers what was said, and stands on all that was heard before. */
  commit(id: number): void {
    const held = this.held.get(id);
    this.held.delete(id);
    expect(held, 'what is played has been prepared').toBeDefined();
    if (held?.anticipated === true) {
      this.hitCount += 1;
      expect(held.messages.slice(0, -1)).toEqual(this.state.history.slice(0, -1));
    }
    const [meant, said] = [held?.messages, this.state.history].map((messages) => messages?.at(-1));
    expect(meant?.role === 'user' && said?.role === 'user' && settings.similar(meant.text, said.text)).toBe(true);
    this.begin(id);
  }

  endHeld(type: 'replyFailed' | 'replyRefused'): void {
    const [id] = this.held.keys();
    if (id === undefined) return;
    this.held.delete(id);
    if (type === 'replyFailed') this.tell({ type, replyId: id, heardText: '' });
    else {
      if (this.state.agent.kind === 'drafting' && this.state.agent.reply.id === id) this.draftCount -= 1;
      this.tell({ type, replyId: id });
    }
  }

  /** Asked again, or left with a goodbye, is only who has said nothing for so long. */
  expectSilenceBefore(kind: ReplyKind): void {
    const isForSilence = kind === 'reprompt' || (kind === 'goodbye' && !this.state.leaving);
    if (isForSilence) {
      expect(this.voiceSinceMs, 'who speaks is not asked whether they are there').toBeUndefined();
      expect(this.nowMs - this.livelyAtMs).toBeGreaterThanOrEqual(settings.silence.repromptAfterMs);
    }
    if (kind === 'reprompt') this.promptCount += 1;
    expect(this.promptCount, 'asked so often, and no more').toBeLessThanOrEqual(settings.silence.reprompts);
  }

  /** The caller gives a sign of life. */
  live(): void {
    this.livelyAtMs = this.nowMs;
    this.promptCount = 0;
  }

  endReply(type: 'replyStopped' | 'replyFinished' | 'replyFailed'): void {
    if (this.reply === undefined) return;
    const { id, heardCount, writtenCount } = this.reply;
    this.reply = undefined;
    this.livelyAtMs = this.nowMs;
    const heardText = wordsOf(id, type === 'replyFinished' ? (writtenCount ?? heardCount) : heardCount);
    if (heardText !== '') this.heard.push(heardText);
    this.tell({ type, replyId: id, heardText });
  }

  pass(ms: number): void {
    for (const end = this.nowMs + ms; this.nowMs < end;) {
      this.nowMs += 20;
      const { reply } = this;
      const isHeard = reply !== undefined && this.audibility !== 'silent';
      if (isHeard && reply.heardCount < (reply.writtenCount ?? Infinity)) reply.heardCount += 1;
      this.tell({ type: 'tick', timestamp: this.ticks, voiceDoubt: this.voiceDoubt });
      this.expectYielding();
    }
  }

  /** A tool with effects runs as soon as it may, and its outcome may come after the end of its reply. */
  callTool(): void {
    if (this.reply === undefined || !this.settled) return;
    const { id } = this.reply;
    const callId = `call ${this.toolsRun.length}`;
    this.toolsRun.push(callId);
    if (!this.state.leaving) {
      expect(this.voiceSinceMs, 'no tool runs while the caller speaks').toBeUndefined();
      const silentMs = this.nowMs - this.unsettledAtMs;
      expect(silentMs, 'nor before the answer is certain').toBeGreaterThanOrEqual(settings.settleMs);
    }
    const call = { role: 'tool', callId, tool: 'book', input: {}, withPrevious: false } as const;
    const tell = (outcome: ToolOutcome): void =>
      this.tell({ type: 'replyCalledTool', replyId: id, call: { exchange: { ...call, outcome }, afterCharacters: 0 } });
    tell({ status: 'running' });
    this.outcomes.push(() => tell({ status: 'done', output: 'ok' }));
  }

  /** What the caller hears of the agent. */
  get voiceDoubt(): 'mayHaveBegun' | 'mayHaveEnded' | undefined {
    if (!this.isDoubtful) return undefined;
    return this.voiceSinceMs === undefined ? 'mayHaveBegun' : 'mayHaveEnded';
  }

  get audibility(): Delivery | 'silent' {
    if (this.reply === undefined || this.state.agent.kind !== 'speaking') return 'silent';
    return this.reply.delivery === 'suspended' ? 'silent' : this.reply.delivery;
  }

  /** Nobody is spoken over: not at full level from the first voice on, and not at all beyond a bound. */
  expectYielding(): void {
    if (this.voiceSinceMs === undefined || this.state.leaving) return;
    const voicedMs = this.nowMs - this.voiceSinceMs;
    const { suspendAfterMs, briefMs, stopAfterMs } = settings.bargeIn;
    const longestDoubtMs = 200;
    const yieldAfterMs = this.isDoubtful ? briefMs + longestDoubtMs + FRAME_MS : suspendAfterMs;
    expect(this.audibility, 'the first voice lowers the reply').not.toBe('full');
    if (voicedMs >= yieldAfterMs) expect(this.audibility, 'the floor is yielded').toBe('silent');
    if (voicedMs >= stopAfterMs) expect(this.state.agent.kind, 'long voice ends the reply').not.toBe('speaking');
  }

  happen(happening: Happening): void {
    const absent = this.state.caller.kind === 'absent';
    if (SIGNS_OF_LIFE.has(happening)) this.live();
    switch (happening) {
      case 'voice':
        if (!absent) this.voiceSinceMs ??= this.nowMs;
        this.tell({ type: 'voiceStarted', timestamp: this.ticks });
        this.expectYielding();
        break;
      case 'quiet':
        // No detector tells of a voice without length.
        if (this.voiceSinceMs === this.nowMs) this.pass(20);
        if (this.voiceSinceMs !== undefined) {
          this.unsettledAtMs = this.nowMs;
          this.live();
        }
        this.voiceSinceMs = undefined;
        this.tell({ type: 'voiceEnded', timestamp: this.ticks });
        break;
      case 'interim':
        this.tell({ type: 'interim', text: 'word', endTimestamp: this.ticks });
        break;
      case 'backchannel':
        this.tell({ type: 'interim', text: 'mhm', endTimestamp: this.ticks });
        break;
      case 'rejected':
        this.tell({ type: 'final', text: '', endTimestamp: this.ticks, rejected: true, answersFinalize: false });
        break;
      case 'final':
        this.final(this.finalizesOwed > 0);
        break;
      case 'text':
        this.tell({ type: 'textReceived', text: 'typed' });
        break;
      case 'key':
        this.press('1');
        break;
      case 'hash':
        this.press('#');
        break;
      case 'audible':
        if (this.reply !== undefined) this.tell({ type: 'replyAudible', replyId: this.reply.id });
        this.expectYielding();
        break;
      case 'finish':
        this.endReply('replyFinished');
        break;
      case 'fail':
        this.endReply('replyFailed');
        break;
      case 'leave':
        this.draftCount = 0;
        this.voiceSinceMs = undefined;
        this.tell({ type: 'callerLeft' });
        this.keysBefore = this.keysInHistory;
        this.keys = '';
        this.tell({ type: 'callerLinked', greet: true, onPhone: false });
        break;
      case 'deaf':
        this.tell({ type: 'recognitionLost' });
        break;
      case 'hearing':
        this.tell({ type: 'recognitionRestored' });
        break;
      case 'wait':
        this.pass(240);
        break;
      case 'lull':
        this.pass(1600);
        break;
      case 'doubt':
        this.isDoubtful = !this.isDoubtful;
        this.pass(20);
        break;
      case 'moment':
        this.pass(60);
        break;
      case 'tool':
        this.callTool();
        break;
      case 'written':
        if (this.reply === undefined || this.reply.writtenCount !== undefined) break;
        this.reply.writtenCount = this.reply.heardCount + 40;
        this.tell({
          type: 'replyWritten',
          replyId: this.reply.id,
          text: wordsOf(this.reply.id, this.reply.writtenCount),
        });
        break;
      case 'foreseen': {
        const texts = ['word, please', 'uh, word', 'mhm', 'else'];
        if (this.foreseeing !== undefined) this.tell({ type: 'answersExpected', replyId: this.foreseeing, texts });
        this.foreseeing = undefined;
        break;
      }
      case 'question':
        this.happen('audible');
        this.happen('written');
        this.pass(settings.settleMs + 20);
        this.happen('foreseen');
        break;
      case 'saying':
        this.happen('voice');
        this.pass(60);
        this.happen('interim');
        this.happen('quiet');
        this.pass(60);
        break;
      case 'ready':
        for (const replyId of this.held.keys()) this.tell({ type: 'replyReady', replyId });
        break;
      case 'refused':
        this.endHeld('replyRefused');
        break;
      case 'failHeld':
        this.endHeld('replyFailed');
        break;
      case 'outcome':
        this.outcomes.shift()?.();
        break;
      case 'sound': {
        const voiceEndedAt = this.pausesToJudge.shift();
        if (voiceEndedAt !== undefined) this.tell({ type: 'soundJudged', voiceEndedAt, complete: 0.9 });
        break;
      }
    }
  }

  press(key: '1' | '#'): void {
    this.unsettledAtMs = this.nowMs;
    if (!this.state.leaving) this.keys += key;
    this.tell({ type: 'keyPressed', key, timestamp: this.ticks });
    if (!this.state.leaving) expect(this.audibility, 'a key stops the reply at once').toBe('silent');
  }

  get keysInHistory(): string {
    const texts = this.state.history.flatMap((message) => (message.role === 'user' ? message.text : []));
    return (texts.join('').match(/(?<=\[keypad: )[^\]]+/g) ?? []).join('');
  }

  final(answersFinalize: boolean): void {
    const isTooLate = answersFinalize && this.state.abandonedFinalizes > 0;
    if (!isTooLate) this.live();
    if (answersFinalize) this.finalizesOwed -= 1;
    const words = { text: 'word', endTimestamp: this.ticks, rejected: false };
    this.tell({ type: 'final', ...words, answersFinalize });
  }

  get ticks(): number {
    return this.nowMs * TICKS_PER_MS;
  }
}

/** What a recogniser that has told nothing yet is given. */
const LONGEST_LAG_MS = 5000;

function wordsOf(replyId: number, count: number): string {
  return Array.from({ length: count }, (_, word) => `r${replyId}w${word}`).join(' ');
}

it('in whatever order things happen: one reply at a time, the floor is yielded, tools wait, what was heard is kept, every turn ends', () => {
  fc.assert(
    fc.property(happenings, (order) => {
      const world = new World();
      world.tell({ type: 'callerLinked', greet: true, onPhone: false });
      for (const happening of order) world.happen(happening);

      const assistant = world.state.history.flatMap((message) => (message.role === 'assistant' ? [message.text] : []));
      expect(assistant, 'heard text is the history').toEqual(world.heard);

      if (world.callsEnded > 0) return;
      world.happen('quiet');
      world.pass(2600);
      expect(world.reply?.delivery, 'what was suspended goes on or has ended').not.toBe('suspended');
      expect(world.reply?.delivery, 'what was lowered is raised').not.toBe('lowered');
      for (let replies = 0; replies < 4 && world.reply !== undefined; replies += 1) {
        world.happen('audible');
        world.happen('finish');
      }
      expect(world.state.agent.kind, 'every reply ends').toBe('idle');
      if (world.state.pendingFinalizes > 0) world.pass(LONGEST_LAG_MS);
      expect(world.state.caller.kind, 'every turn ends').toBe('silent');
      const expectedKeys = world.corrected ? world.keysInHistory : world.keysBefore + world.keys;
      expect(world.keysInHistory, 'no key is lost, or comes twice').toBe(expectedKeys);
      expect(
        [...world.held.values()].filter(({ anticipated }) => !anticipated),
        'no draft is left',
      ).toEqual([]);
      for (const outcome of world.outcomes) outcome();
      const tools = world.state.history.filter((message) => message.role === 'tool');
      expect(
        tools.map(({ callId }) => callId),
        'what was done stays a fact',
      ).toEqual(world.toolsRun);
      expect(tools.every(({ outcome }) => outcome.status === 'done')).toBe(true);
      world.tell({ type: 'callerLeft' });
      expect([...world.held], 'nothing stays prepared for who has left').toEqual([]);
    }),
    { numRuns: 500 },
  );
});

it('whatever happens between questions and answers that were foreseen: nothing wrong is played, and nothing stays prepared', () => {
  let hitCount = 0;
  fc.assert(
    fc.property(fc.array(happenings, { minLength: 1, maxLength: 4 }), (orders) => {
      const world = new World();
      world.tell({ type: 'callerLinked', greet: true, onPhone: false });
      for (const order of orders) {
        const expected: readonly Happening[] = [
          ...(['audible', 'finish', 'text', 'question', 'finish', 'saying'] as const),
          ...(['wait', 'ready', 'wait', 'wait', 'final'] as const),
        ];
        // Something else comes in between, at any place.
        for (const [index, happening] of expected.entries()) {
          world.happen(happening);
          const other = order[index];
          if (other !== undefined && (order.length + index) % 5 === 0) world.happen(other);
        }
        hitCount += world.hitCount;
        world.hitCount = 0;
        for (const happening of order.slice(0, 12)) world.happen(happening);
      }
      world.tell({ type: 'callerLeft' });
      expect([...world.held]).toEqual([]);
    }),
  );
  expect(hitCount, 'replies that were foreseen are played').toBeGreaterThan(20);
});

it('whatever has happened, a caller who falls silent is asked again, and then left with a goodbye', () => {
  fc.assert(
    fc.property(happenings, (order) => {
      const world = new World();
      world.tell({ type: 'callerLinked', greet: true, onPhone: false });
      for (const happening of order) world.happen(happening);
      if (world.callsEnded > 0) return;
      world.happen('quiet');
      world.happen('hearing');
      for (const outcome of world.outcomes) outcome();
      for (let replies = 0; replies < 8 && world.callsEnded === 0; replies += 1) {
        world.pass(3500);
        world.happen('audible');
        world.happen('finish');
      }
      expect(world.callsEnded).toBe(1);
      expect(world.reply).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});

it('whatever is going on when the longest call is over: one goodbye at most, and one end', () => {
  fc.assert(
    fc.property(happenings, happenings, (before, after) => {
      const world = new World();
      world.tell({ type: 'callerLinked', greet: true, onPhone: false });
      for (const happening of before) world.happen(happening);
      world.voiceSinceMs = undefined;
      world.tell({ type: 'callLimitReached' });
      for (const happening of after) if (happening !== 'voice' && happening !== 'leave') world.happen(happening);
      expect([...world.held], 'nothing is prepared any more').toEqual([]);
      for (let replies = 0; replies < 2; replies += 1) world.happen('finish');
      expect(world.callsEnded).toBe(1);
      expect(world.reply).toBeUndefined();
    }),
  );
});
