// The keys of a telephone: their sound, and what is done about them.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import { HearingRoom, levelCodec, PositionVoice } from './hearing-room.ts';
import { SimCaller } from './sim-caller.ts';
import { keyPayload, SimModel, SimSpeechToText, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
let room: HearingRoom;
let caller: SimCaller;
let model: SimModel;
let session: Session;

const STORY = 'Once upon a time there was a fox. '.repeat(20).trim();
const reply = (question: string): string => (question.startsWith('story') ? STORY : `You said ${question}.`);

beforeEach(() => {
  clock = new VirtualClock();
  room = new HearingRoom(clock);
  model = new SimModel(clock, reply);
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
    settings: defineAgent(options),
    clock,
    log: silentLogger,
  });
  caller = new SimCaller(clock, room);
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
