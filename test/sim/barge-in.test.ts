// Both speak at once: what the caller hears of the reply while they interrupt, cough, listen along or make a noise.
// Levels and instants are those of the packets that the agent sends.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import { HearingRoom, levelCodec, LOWER_DB, PositionVoice } from './hearing-room.ts';
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
const reply = (question: string): string => (question.startsWith('story') ? STORY : `You said ${question}.`);
/** Words that the recogniser doesn't give: noise. */
const WORDLESS = ' '.repeat(20);

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
  expect(model.activeCount).toBe(0);
});

async function start(script: string, options: AgentOptions = {}): Promise<void> {
  session = await startSession({
    join: room.join,
    stages: {
      stt: new SimSpeechToText(clock, script),
      model,
      tts: new PositionVoice(clock),
      codec: levelCodec,
      createVoiceDetector: simVoiceDetector,
    },
    settings: defineAgent({
      anticipation: { source: 'off' },
      ...options,
      bargeIn: { lowerDb: LOWER_DB, ...options.bargeIn },
    }),
    clock,
    log: silentLogger,
    onTurn: (report) => reports.push(report),
  });
  caller = new SimCaller(clock, room);
}

/** A caller who has asked for the long story and has heard three seconds of it. */
async function duringStory(script: string, options: AgentOptions = {}): Promise<void> {
  await start(`story please ${script}`, options);
  await caller.speak(600);
  await caller.rest(4200);
  expect(room.levelAt(clock.nowMs())).toBeGreaterThan(-25);
}

/** What was heard of the replies that are over. */
function heardTexts(): readonly string[] {
  return reports.flatMap(({ heardText }) => (heardText === undefined ? [] : [heardText]));
}

/** Where the reply was broken off, it went on at the beginning of the broken word. */
function expectWholeWords(fromMs: number): void {
  const taken = room.takenUp(fromMs);
  if (taken === undefined) return;
  expect(STORY.charAt(taken.fromCharacter - 1)).toBe(' ');
  expect(taken.fromCharacter).toBeLessThanOrEqual(taken.lastBefore + 1);
  expect(STORY.slice(taken.fromCharacter, taken.lastBefore)).not.toContain(' ');
}

describe('a caller who interrupts', () => {
  it('hears the reply lowered at the first voice, and silent before a word is known', async () => {
    await duringStory('stop it now please');
    const fromMs = clock.nowMs();
    await caller.speak(1200);
    await caller.rest(4000);
    expect(room.loweredAfter(fromMs, 12)).toBeLessThanOrEqual(100);
    expect(room.silentForGoodAfter(fromMs, { withinMs: 1500 })).toBeLessThanOrEqual(320);
    expect(model.questions).toEqual(['story please', 'stop it now please']);
    const [told, answered] = room.captions('agent');
    expect(STORY.startsWith(`${told} `)).toBe(true);
    expect(heardTexts()).toEqual([told, answered]);
    expect(answered).toBe(reply('stop it now please'));
  });

  it('after a noise had suspended the reply ends it with the first word, and nothing more of it is heard', async () => {
    await duringStory('  stop it');
    const fromMs = clock.nowMs();
    await caller.speak(1200);
    await caller.rest(4000);
    expect(room.silentForGoodAfter(fromMs, { withinMs: 1500 })).toBeLessThanOrEqual(320);
    expect(model.questions.map((question) => question.trim())).toEqual(['story please', 'stop it']);
    expect(heardTexts()).toEqual(room.captions('agent'));
  });

  it('twice in a row is answered twice', async () => {
    await duringStory('story again please stop it now');
    await caller.speak(900);
    await caller.rest(3000);
    await caller.speak(900);
    await caller.rest(4000);
    expect(model.questions).toEqual(['story please', 'story again please', 'stop it now']);
    expect(room.captions('agent')).toHaveLength(3);
    expect(heardTexts()).toEqual(room.captions('agent'));
  });

  it('during the greeting is answered', async () => {
    await start('where can I park', { greeting: STORY });
    await caller.rest(2000);
    const fromMs = clock.nowMs();
    await caller.speak(1200);
    await caller.rest(4000);
    expect(room.silentForGoodAfter(fromMs, { withinMs: 1500 })).toBeLessThanOrEqual(320);
    expect(model.questions).toEqual(['where can I park']);
    expect(room.captions('agent').at(-1)).toBe(reply('where can I park'));
  });

  it('before the first frame of the greeting is not talked over', async () => {
    await start('where can I park', { greeting: STORY });
    const fromMs = clock.nowMs();
    await caller.speak(1200);
    // Its first frame, and the ramp down.
    expect(room.audible(fromMs).filter(({ dbfs }) => dbfs > -25).length).toBeLessThanOrEqual(2);
    expect(room.silentForGoodAfter(fromMs, { withinMs: 1500 })).toBeLessThanOrEqual(320);
    await caller.rest(4000);
    expect(room.captions('agent').at(-1)).toBe(reply('where can I park'));
  });

  it('before the first frame of the answer takes the turn back: both halves are one question', async () => {
    await start('a table for four on friday', { drafts: { policy: 'off' } });
    await caller.speak(900);
    await caller.rest(800);
    expect(room.audible(0)).toEqual([]);
    await caller.ask(900);
    expect(model.questions.at(-1)).toBe('a table for four on friday');
    expect(room.captions('agent')).toEqual([reply('a table for four on friday')]);
  });

  it('while the reply is lowered: what was heard until then is kept', async () => {
    await duringStory('okay stop now', { bargeIn: { suspendAfterMs: 2000 } });
    const fromMs = clock.nowMs();
    await caller.speak(900);
    const heard = room.captions('agent')[0] ?? '';
    await caller.rest(3000);
    // The second word is known 150 ms after its end, at 750 ms; a fade follows.
    expect(room.silentForGoodAfter(fromMs, { withinMs: 1500 })).toBeGreaterThanOrEqual(740);
    expect(room.silentForGoodAfter(fromMs, { withinMs: 1500 })).toBeLessThanOrEqual(850);
    expect(heardTexts()[0]).toBe(heard);
    expect(heard.length).toBeGreaterThan(STORY.indexOf('fox'));
    expect(STORY.startsWith(`${heard} `)).toBe(true);
  });

  it('by typing while the reply is suspended is answered, and the reply does not come back', async () => {
    await duringStory(WORDLESS);
    await caller.speak(900);
    const typedAtMs = clock.nowMs();
    room.tell({ type: 'text', topic: 'lk.chat', text: 'enough', identity: caller.identity, attributes: {} });
    await caller.rest(4000);
    expect(model.questions).toEqual(['story please', 'enough']);
    expect(room.captions('agent').at(-1)).toBe(reply('enough'));
    expect(room.audible(typedAtMs)[0]?.character, 'the answer from its beginning').toBeLessThanOrEqual(1);
  });

  it('and leaves while the reply is suspended leaves nothing running', async () => {
    await duringStory(WORDLESS);
    await caller.speak(600);
    room.leave(caller.identity);
    const leftAtMs = clock.nowMs();
    await clock.advance(5000);
    expect(room.audible(leftAtMs)).toEqual([]);
    expect(heardTexts()).toHaveLength(1);
    expect(model.activeCount).toBe(0);
  });
});

describe('a caller who does not want the floor', () => {
  it('and coughs hears the reply lowered and raised again, without a hole', async () => {
    await duringStory(WORDLESS);
    const fromMs = clock.nowMs();
    await caller.speak(160);
    await caller.rest(1000);
    expect(room.loweredAfter(fromMs, 12)).toBeLessThanOrEqual(100);
    expect(room.longestHole(fromMs)).toBeLessThanOrEqual(20);
    expect(room.levelAt(clock.nowMs())).toBeGreaterThan(-25);
    await caller.rest(40_000);
    expect(room.captions('agent')).toEqual([STORY]);
    expect(model.questions).toEqual(['story please']);
  });

  it.each([220, 300, 380, 440])('and says "mhm" for %i ms hears the reply go on at the broken word', async (ms) => {
    await duringStory('mhm');
    const fromMs = clock.nowMs();
    await caller.speak(ms);
    await caller.rest(2000);
    expectWholeWords(fromMs);
    await caller.rest(40_000);
    expect(room.captions('agent')).toEqual([STORY]);
    expect(heardTexts()).toEqual([STORY]);
    expect(model.questions, 'it is no turn of its own').toEqual(['story please']);
  });

  it('and says "mhm", and then does want it, is answered on all words', async () => {
    await duringStory('mhm but stop');
    await caller.speak(300);
    await caller.rest(200);
    await caller.speak(600);
    await caller.rest(3000);
    expect(model.questions).toEqual(['story please', 'mhm but stop']);
    expect(room.captions('agent').at(-1)).toBe(reply('mhm but stop'));
  });

  it('and says "mhm" as the reply ends is not answered, unless it was asked something', async () => {
    for (const [greeting, questions] of [
      ['Hello, this is the front desk.', []],
      ['Hello, do you have a booking?', ['yeah']],
    ] as const) {
      room = new HearingRoom(clock);
      model = new SimModel(clock, reply);
      await start('yeah', { greeting });
      await caller.rest(150 + greeting.length * 50 - 200);
      expect(room.levelAt(clock.nowMs())).toBeGreaterThan(-25);
      await caller.speak(340);
      await caller.rest(3000);
      expect(model.questions).toEqual(questions);
      await session.close();
    }
  });
});

describe('a noise', () => {
  it('suspends the reply, which goes on at the broken word once nothing came of it', async () => {
    await duringStory(WORDLESS);
    const fromMs = clock.nowMs();
    await caller.speak(900);
    await caller.rest(1000);
    expect(room.longestHole(fromMs)).toBeGreaterThan(600);
    expectWholeWords(fromMs);
    await caller.rest(40_000);
    expect(room.captions('agent')).toEqual([STORY]);
    expect(heardTexts()).toEqual([STORY]);
    expect(model.questions).toEqual(['story please']);
  });

  it('that goes on and on ends the reply, and what was heard is kept', async () => {
    await duringStory(WORDLESS);
    await caller.speak(6000);
    await caller.rest(3000);
    const [told, answered] = room.captions('agent');
    expect(STORY.startsWith(`${told} `)).toBe(true);
    expect(heardTexts()).toEqual([told, answered]);
    expect(answered).toBe(reply('(unintelligible)'));
  });

  it('again and again lets the reply end, every word heard once', async () => {
    await duringStory(WORDLESS);
    for (let noise = 0; noise < 20; noise += 1) {
      await caller.speak(100 + noise * 40);
      await caller.rest(1700 - noise * 40);
    }
    await caller.rest(40_000);
    expect(room.captions('agent')).toEqual([STORY]);
    expect(heardTexts()).toEqual([STORY]);
  });
});
