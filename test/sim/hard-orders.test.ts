// What happens in an order that nobody wants: corrections, resumptions, interruptions and faults at the worst moment.
// Others stand with their subject: drafts, barge-in, tools, faults, keys of the telephone (the files beside this one).

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import { HearingRoom, levelCodec, PositionVoice } from './hearing-room.ts';
import { SimCaller } from './sim-caller.ts';
import { SimModel, SimSpeechToText, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
let room: HearingRoom;
let caller: SimCaller;
let model: SimModel;
let session: Session;
let reports: TurnReport[];

const STORY = 'Once upon a time there was a fox. '.repeat(20).trim();
const reply = (question: string): string =>
  question.includes('story') ? STORY : `You said ${question}. Is that right?`;
/** Each word takes a second. */
const inLongWords = (question: string): string => `Incomprehensibilities ${question} characteristically.`;

beforeEach(() => {
  clock = new VirtualClock();
  room = new HearingRoom(clock);
  model = new SimModel(clock, reply);
  reports = [];
});

afterEach(async () => {
  await session.close();
  await clock.advance(10_000);
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
  expect(model.activeCount, 'no request is left running').toBe(0);
});

/** The silence is fixed: what is tested doesn't depend on the words. */
async function start(stt: SimSpeechToText, options: AgentOptions = {}): Promise<void> {
  session = await startSession({
    join: room.join,
    stages: { stt, model, tts: new PositionVoice(clock), codec: levelCodec, createVoiceDetector: simVoiceDetector },
    settings: defineAgent({
      anticipation: { source: 'off' },
      ...options,
      endpointing: { policy: 'fixed', ...options.endpointing },
    }),
    clock,
    log: silentLogger,
    onTurn: (report) => reports.push(report),
  });
  caller = new SimCaller(clock, room);
}

const says = (script: string): SimSpeechToText => new SimSpeechToText(clock, script, { finalsAtPauses: true });

function type(text: string): void {
  room.tell({ type: 'text', topic: 'lk.chat', text, identity: caller.identity, attributes: {} });
}

/** Rests until the agent has decided on an answer, 20 ms at a time. */
async function untilThinkingIsOver(isOver: () => boolean): Promise<void> {
  for (let waitedMs = 0; !isOver(); waitedMs += 20) {
    expect(waitedMs, 'it comes').toBeLessThan(10_000);
    await caller.rest(20);
  }
}

const isAnswered = (): boolean => room.captions('caller').length > 0;
const isAudible = (): boolean => room.audible(0).length > 0;

/** What was heard of the replies that are over, in order. */
function heardTexts(): readonly string[] {
  return reports.flatMap(({ heardText }) => (heardText === undefined || heardText === '' ? [] : [heardText]));
}

describe('the caller resumes', () => {
  it('50 ms after the commit: the answer is taken back, and both halves are one question', async () => {
    await start(says('a table for four on friday'), { drafts: { policy: 'off' } });
    await caller.speak(900);
    await untilThinkingIsOver(isAnswered);
    await caller.rest(40);
    const resumedAtMs = clock.nowMs();
    await caller.ask(900);
    expect(room.audible(resumedAtMs).filter(({ atMs }) => atMs < resumedAtMs + 900)).toEqual([]);
    expect(model.questions).toEqual(['a table for', 'a table for four on friday']);
    expect(room.captions('agent')).toEqual([reply('a table for four on friday')]);
    expect(model.histories.at(-1)).toEqual([{ role: 'user', text: 'a table for four on friday' }]);
  });

  it('50 ms after a draft was committed: at most its first syllable is heard, and nothing is answered twice', async () => {
    await start(says('a table for four on friday'));
    await caller.speak(900);
    await untilThinkingIsOver(isAnswered);
    await caller.rest(40);
    const resumedAtMs = clock.nowMs();
    await caller.speak(900);
    expect(room.silentForGoodAfter(resumedAtMs, { withinMs: 900 })).toBeLessThanOrEqual(320);
    await caller.rest(4000);
    expect(model.questions.at(-1)).toMatch(/four on friday$/);
    const questions = model.histories.at(-1)?.flatMap((message) => (message.role === 'user' ? message.text : []));
    expect(questions?.join(' ')).toBe('a table for four on friday');
    expect(room.captions('agent').at(-1)).toBe(reply(model.questions.at(-1) ?? ''));
  });

  it('300 ms after the first audible sample: silent within the bound, what was heard is kept, the rest is answered', async () => {
    await start(says('a table for four on friday'));
    await caller.speak(900);
    await untilThinkingIsOver(isAudible);
    await caller.rest(280);
    const resumedAtMs = clock.nowMs();
    await caller.speak(900);
    expect(room.loweredAfter(resumedAtMs, 12)).toBeLessThanOrEqual(100);
    expect(room.silentForGoodAfter(resumedAtMs, { withinMs: 900 })).toBeLessThanOrEqual(320);
    await caller.rest(4000);
    const [broken, answered] = heardTexts();
    expect(reply('a table for').startsWith(`${broken} `)).toBe(true);
    expect(model.histories.at(-1)).toEqual([
      { role: 'user', text: 'a table for' },
      { role: 'assistant', text: broken, interrupted: true },
      { role: 'user', text: 'four on friday' },
    ]);
    expect(answered).toBe(reply('four on friday'));
  });

  it('and says the same again before the answer is audible: one question', async () => {
    await start(says('where are you where are you'), { drafts: { policy: 'off' } });
    await caller.speak(900);
    await untilThinkingIsOver(isAnswered);
    await caller.rest(60);
    await caller.ask(900);
    expect(model.questions).toEqual(['where are you', 'where are you where are you']);
    expect(room.captions('agent')).toHaveLength(1);
  });

  it('and says the same again over the answer: it is answered again', async () => {
    await start(says('tell the story tell the story'));
    await caller.speak(900);
    await untilThinkingIsOver(isAudible);
    await caller.rest(1000);
    await caller.speak(900);
    await caller.rest(4000);
    expect(model.questions).toEqual(['tell the story', 'tell the story']);
    const [broken, second] = room.captions('agent');
    expect(STORY.startsWith(`${broken} `)).toBe(true);
    expect(second?.length).toBeGreaterThan(20);
  });
});

describe('the final', () => {
  it('that comes too late and differs, with nothing heard yet: the right words are answered, as if the others had never been', async () => {
    const stt = new SimSpeechToText(clock, 'a table for four', { finalLagMs: 1000 });
    stt.finalOf = () => 'a table for five';
    await start(stt, { drafts: { policy: 'off' } });
    await caller.speak(1200);
    await caller.rest(8000);
    expect(model.questions).toEqual(['a table for four', 'a table for five']);
    expect(model.histories.at(-1)).toEqual([{ role: 'user', text: 'a table for five' }]);
    expect(heardTexts()).toEqual([reply('a table for five')]);
    expect(reports.at(-1)).not.toHaveProperty('unconfirmed');
  });

  it('that comes too late and differs, with something heard: the agent ends its word, and answers the right ones', async () => {
    model = new SimModel(clock, inLongWords);
    const stt = new SimSpeechToText(clock, 'a table for four', { finalLagMs: 1200 });
    stt.finalOf = () => 'a table for five';
    await start(stt);
    await caller.speak(1200);
    await caller.rest(8000);
    const [told, answered] = heardTexts();
    expect(told).toBe('Incomprehensibilities');
    const again = room
      .audible(0)
      .findIndex(({ character }, index, all) => character < (all[index - 1]?.character ?? 0) - 5);
    const last = room.audible(0)[again - 1]?.character ?? 0;
    expect(last, 'whole, and a fade of 60 ms').toBeGreaterThanOrEqual('Incomprehensibilities'.length - 1);
    expect(last).toBeLessThanOrEqual('Incomprehensibilities'.length + 2);
    expect(answered).toBe(inLongWords('a table for five'));
    expect(model.histories.at(-1)?.[1]).toMatchObject({ text: told, interrupted: true });
  });

  it('that never comes: the interim is answered after the deadline, the turn is marked, and so is the next turn', async () => {
    const stt = new SimSpeechToText(clock, 'when do you open thank you', { finalLagMs: Infinity });
    await start(stt);
    await caller.speak(1200);
    const endedAtMs = clock.nowMs();
    await untilThinkingIsOver(isAnswered);
    expect(clock.nowMs() - endedAtMs).toBeLessThanOrEqual(500 + 700 + 40);
    await caller.rest(6000);
    expect(room.captions('agent')).toEqual([reply('when do you open')]);
    expect(reports.at(-1)).toMatchObject({ turn: 1, unconfirmed: true });
    await caller.ask(600);
    expect(room.captions('agent').at(-1)).toBe(reply('thank you'));
  });

  it('is waited for where recognition lags behind by seconds, as on a busy machine: all the words are answered, once', async () => {
    await start(new SimSpeechToText(clock, 'where can i park', { lagMs: 1800, finalLagMs: 2500 }));
    await caller.speak(1200);
    await caller.rest(8000);
    expect(model.questions).toEqual(['where can i park']);
    expect(heardTexts()).toEqual([reply('where can i park')]);
  });

  it('comes twice for one pause: the turn has the words once, and one answer', async () => {
    const stt = says('a table for four on friday');
    await start(stt, { endpointing: { silenceMs: 900 } });
    await caller.speak(900);
    await caller.rest(400);
    stt.settle();
    await caller.rest(100);
    stt.settle();
    await caller.ask(900);
    expect(model.questions.at(-1)).toBe('a table for four on friday');
    expect(room.captions('caller')).toEqual(['a table for four on friday']);
    expect(room.captions('agent')).toEqual([reply('a table for four on friday')]);
  });
});

describe('a reply that is empty', () => {
  it('as a draft is asked for again, and the turn is answered once', async () => {
    model.faults.push('nothing');
    await start(says('when do you open'));
    await caller.ask(1200);
    expect(model.questions).toEqual(['when do you open', 'when do you open']);
    expect(room.captions('agent')).toEqual([reply('when do you open')]);
  });

  it('each time, as a draft and as the answer, is followed by an apology', async () => {
    model.faults.push(...Array.from({ length: 12 }, () => 'nothing' as const));
    await start(says('when do you open'));
    await caller.speak(1200);
    await caller.rest(12_000);
    expect(room.captions('agent')).toEqual(['Sorry, something went wrong here. Could you say that again?']);
  });
});

describe('words typed', () => {
  it('while a draft is prepared: both are answered, in the order in which they came', async () => {
    await start(says('when do you open'));
    await caller.speak(1200);
    await caller.rest(300);
    expect(model.questions).toEqual(['when do you open']);
    type('hello');
    await caller.rest(12_000);
    const asked = model.histories.at(-1)?.flatMap((message) => (message.role === 'user' ? message.text : []));
    expect(asked).toEqual(['hello', 'when do you open']);
    expect(room.captions('agent').at(-1)).toBe(reply('when do you open'));
  });

  it('while the caller speaks: they are answered, the voice is not interrupted by it, and is answered too', async () => {
    await start(says('when do you open on friday'));
    await caller.speak(600);
    type('hello');
    await caller.speak(1200);
    await caller.rest(8000);
    const asked = model.histories.at(-1)?.flatMap((message) => (message.role === 'user' ? message.text : []));
    expect(asked).toEqual(['hello', 'when do you open on friday']);
    expect(room.captions('agent').at(-1)).toBe(reply('when do you open on friday'));
  });
});

describe('a talkative caller', () => {
  it('makes no more calls of the model than the budget, however many drafts are given up, and is answered once', async () => {
    const script = Array.from({ length: 60 }, (_, n) => `word${n}`);
    await start(says(script.join(' ')), { drafts: { perTurn: 4 } });
    for (let part = 0; part < 38; part += 1) {
      await caller.speak(320);
      await caller.rest(440);
    }
    await caller.ask(320);
    expect(model.questions.length).toBeLessThanOrEqual(5);
    expect(room.captions('agent')).toEqual([reply(model.questions.at(-1) ?? '')]);
    // A word is 300 ms of voice.
    expect(model.questions.at(-1)).toBe(script.slice(0, Math.floor((39 * 320) / 300)).join(' '));
  });
});
