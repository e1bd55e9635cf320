// A caller who speaks for a minute and a half: one turn, one answer, every word, and what it costs grows no faster than it.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import { createLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

let clock: VirtualClock;
let room: SimRoom;
let caller: SimCaller;
let model: SimModel;
let session: Session | undefined;
/** Of the caller's audio, as it is logged at the end. */
let statistics: Readonly<Record<string, unknown>>;

const PER_TURN = 4;
const BUFFER_FRAMES = 500;
/** Pauses inside the turn, all shorter than the policy wants; some are long enough for a draft. */
const PAUSES_MS = [200, 500, 340, 700, 260];
const SCRIPT = Array.from({ length: 400 }, (_, n) => `word${n}`);

beforeEach(() => {
  clock = new VirtualClock();
  room = new SimRoom(clock);
  model = new SimModel(clock, (question) => `That was ${question.split(' ').length} words.`);
});

afterEach(async () => {
  await session?.close();
  await clock.advance(10_000);
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
  expect(model.activeCount, 'no request is left running').toBe(0);
  expect(statistics).toMatchObject({ droppedFrames: 0 });
});

async function start(finalsAtPauses: boolean): Promise<SimSpeechToText> {
  const stt = new SimSpeechToText(clock, SCRIPT.join(' '), { finalsAtPauses });
  session = await startSession({
    join: room.join,
    stages: { stt, model, tts: new SimTextToSpeech(clock), codec: simCodec, createVoiceDetector: simVoiceDetector },
    settings: defineAgent({
      endpointing: { policy: 'fixed', silenceMs: 900 },
      drafts: { perTurn: PER_TURN },
      bufferFrames: BUFFER_FRAMES,
    }),
    clock,
    log: createLogger((_, message, fields) => {
      if (message === 'audio of the caller') statistics = fields;
    }),
  });
  caller = new SimCaller(clock, room);
  return stt;
}

/** Speaks for so long with pauses, 1.5 s of voice after each other; returns how much of it was voice. */
async function talk(totalMs: number): Promise<number> {
  let voicedMs = 0;
  for (let part = 0, passedMs = 0; passedMs < totalMs; part += 1) {
    const pauseMs = PAUSES_MS[part % PAUSES_MS.length] ?? 0;
    await caller.speak(1500);
    await caller.rest(pauseMs);
    voicedMs += 1500;
    passedMs += 1500 + pauseMs;
  }
  return voicedMs;
}

describe.each([
  ['finals at its pauses', true],
  ['a final at its end', false],
])('a turn of 90 seconds with %s', (_, finalsAtPauses) => {
  it('is one question with all its words, has one answer, and no more calls of the model than the budget', async () => {
    await start(finalsAtPauses);
    const voicedMs = await talk(90_000);
    await caller.ask(300);
    const words = SCRIPT.slice(0, Math.floor((voicedMs + 300) / 300)).join(' ');
    expect(model.questions.at(-1)).toBe(words);
    expect(model.questions.length).toBeLessThanOrEqual(PER_TURN + 1);
    expect(room.captions('caller')).toEqual([words]);
    expect(room.captions('agent')).toEqual([`That was ${words.split(' ').length} words.`]);
    expect(model.histories.at(-1)).toEqual([{ role: 'user', text: words }]);
  });

  it('costs no more steps a second than one of 30 seconds', async () => {
    const costs: { readonly timers: number; readonly captions: number }[] = [];
    for (const totalMs of [30_000, 90_000]) {
      room = new SimRoom(clock);
      await start(finalsAtPauses);
      const before = clock.firedCount;
      await talk(totalMs);
      costs.push({ timers: clock.firedCount - before, captions: room.captionUpdates('caller') });
      await session?.close();
    }
    const [short, long] = costs;
    expect(long?.timers).toBeLessThanOrEqual(3.1 * (short?.timers ?? 0));
    expect(long?.captions).toBeLessThanOrEqual(3.1 * (short?.captions ?? 0));
  });
});

it('a recogniser that is lost in the middle of it is given what no final covers, within its buffer', async () => {
  const stt = await start(true);
  await talk(45_000);
  stt.break();
  const voicedMs = await talk(45_000);
  await caller.ask(300);
  const last = model.questions.at(-1)?.split(' ') ?? [];
  expect(stt.openCount).toBe(2);
  expect(last).toEqual(SCRIPT.slice(0, last.length));
  expect(last.length * 300).toBeGreaterThanOrEqual(2 * voicedMs);
});
