// The keys of a telephone: their sound, and what is done about them.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { dtmfKey } from '../../src/rtp/dtmf.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import { HearingRoom, levelCodec, PositionVoice } from './hearing-room.ts';
import { SimCaller } from './sim-caller.ts';
import { keyPayload, SimModel, SimSpeechToText, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
let room: HearingRoom;
let caller: SimCaller;
let model: SimModel;
let session: Session;
let reports: TurnReport[];

const STORY = 'Once upon a time there was a fox. '.repeat(20).trim();
const reply = (question: string): string => (question.startsWith('story') ? STORY : `You said ${question}.`);

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

async function start(script: string, options: AgentOptions = {}): Promise<SimSpeechToText> {
  const stt = new SimSpeechToText(clock, script);
  session = await startSession({
    join: room.join,
    stages: {
      stt,
      model,
      tts: new PositionVoice(clock),
      codec: levelCodec,
      createVoiceDetector: simVoiceDetector,
    },
    settings: defineAgent(options),
    clock,
    log: silentLogger,
    onTurn: (report) => reports.push(report),
  });
  caller = new SimCaller(clock, room);
  return stt;
}

/** The sound of a key, which a telephone may send beside telling which one it was. */
async function tone(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 20) await caller.sound(keyPayload);
}

describe('the sound of a key', () => {
  it('is no barge-in: the reply goes on as if nothing were heard', async () => {
    await start('story please');
    await caller.speak(600);
    await caller.rest(4200);
    const fromMs = clock.nowMs();
    for (let key = 0; key < 5; key += 1) {
      await tone(400);
      await caller.rest(100);
    }
    expect(room.loweredAfter(fromMs, 6)).toBe(Infinity);
    expect(room.longestHole(fromMs)).toBeLessThanOrEqual(20);
  });

  it('is no turn, and no word of one', async () => {
    await start('when do you open');
    for (let key = 0; key < 5; key += 1) {
      await tone(400);
      await caller.rest(1000);
    }
    expect(room.captions('caller')).toEqual([]);
    await caller.ask(1200);
    expect(model.questions).toEqual(['when do you open']);
  });
});

/** Presses keys, one every 250 ms; each sounds for 100 ms besides. */
async function press(keys: string, identity = caller.identity): Promise<void> {
  for (const name of keys) {
    const key = dtmfKey(name, NaN);
    if (key !== undefined) room.tell({ type: 'dtmf', identity, key });
    await tone(100);
    await caller.rest(150);
  }
}

describe('keys', () => {
  it('are a turn of their own, answered at once after #', async () => {
    await start('');
    await caller.rest(1000);
    await press('4711#');
    const pressedAtMs = clock.nowMs() - 250;
    await caller.rest(4000);
    expect(model.questions).toEqual(['[keypad: 4711#]']);
    expect(room.captions('caller')).toEqual(['[keypad: 4711#]']);
    expect(room.captions('agent')).toEqual(['You said [keypad: 4711#].']);
    // Generation and synthesis of these stages take 500 ms and some words.
    expect((room.audible(0)[0]?.atMs ?? Infinity) - pressedAtMs).toBeLessThanOrEqual(600);
    expect(reports.at(-1)).toMatchObject({ kind: 'reply', source: 'dtmf', spans: [] });
    expect(reports.at(-1)?.responseMs).toBeUndefined();
  });

  it('without # are answered two seconds after the last one, the answer being ready by then', async () => {
    await start('');
    await caller.rest(1000);
    await press('47');
    const pressedAtMs = clock.nowMs() - 250;
    await caller.rest(4000);
    expect(model.questions).toEqual(['[keypad: 47]']);
    const answeredAfterMs = (room.audible(0)[0]?.atMs ?? Infinity) - pressedAtMs;
    expect(answeredAfterMs).toBeGreaterThanOrEqual(2000);
    expect(answeredAfterMs).toBeLessThanOrEqual(2060);
  });

  it('in mid-speech stand among the words in their order, and their tone is neither voice nor word', async () => {
    await start('my number is thanks');
    await caller.speak(900);
    await caller.rest(200);
    await press('123#');
    await caller.ask(300);
    expect(room.captions('caller')).toEqual(['my number is [keypad: 123#] thanks']);
    expect(room.captions('agent').at(-1)).toBe(reply('my number is [keypad: 123#] thanks'));
  });

  it('pressed while the words before them are not known yet stand after them', async () => {
    await start('my pin is');
    await caller.speak(920);
    await press('12#');
    await caller.rest(4000);
    expect(room.captions('caller')).toEqual(['my pin is [keypad: 12#]']);
  });

  it('silence the reply at once, and are answered', async () => {
    await start('story please');
    await caller.speak(600);
    await caller.rest(4200);
    const fromMs = clock.nowMs();
    await press('2#');
    await caller.rest(4000);
    // A fade of 60 ms.
    expect(room.silentForGoodAfter(fromMs, { withinMs: 700 })).toBeLessThanOrEqual(80);
    expect(model.questions).toEqual(['story please', '[keypad: 2#]']);
  });

  it('silence the greeting at once, audible or not', async () => {
    for (const afterMs of [0, 2000]) {
      room = new HearingRoom(clock);
      await start('', { greeting: STORY });
      await caller.rest(afterMs);
      const fromMs = clock.nowMs();
      await press('1#');
      expect(room.silentForGoodAfter(fromMs, { withinMs: 400 })).toBeLessThanOrEqual(80);
      await caller.rest(4000);
      expect(room.captions('agent').at(-1)).toBe(reply('[keypad: 1#]'));
      await session.close();
    }
  });

  it('of somebody who is not listened to do nothing', async () => {
    await start('');
    const other = new SimCaller(clock, room, 'other');
    await press('12#', other.identity);
    await press('12#', 'nobody');
    await caller.rest(3000);
    expect(model.questions).toEqual([]);
  });

  it('are heard while recognition is out of order', async () => {
    const stt = await start('');
    stt.refusing = true;
    stt.break();
    await caller.rest(1000);
    await press('1#');
    await caller.rest(3000);
    expect(model.questions).toEqual(['[keypad: 1#]']);
  });
});
