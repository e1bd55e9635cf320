// Providers that fail, stall or say nothing: the caller hears something short, and the call goes on.

import { afterEach, beforeEach, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import { StageError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import type { TurnReport } from '../../src/session/turn-reports.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

const APOLOGY = 'Sorry, once more please.';
const QUESTION = 'when do';
const ANSWER = 'You said when do.';

let clock: VirtualClock;
let room: SimRoom;
let caller: SimCaller;
let model: SimModel;
let tts: SimTextToSpeech;
let fallbackTts: SimTextToSpeech;
let session: Session;
let reports: TurnReport[];

beforeEach(async () => {
  clock = new VirtualClock();
  room = new SimRoom(clock);
  model = new SimModel(clock, (question) => `You said ${question}.`);
  tts = new SimTextToSpeech(clock);
  fallbackTts = new SimTextToSpeech(clock);
  reports = [];
  const stt = new SimSpeechToText(clock, `${QUESTION} you open`);
  session = await startSession({
    join: room.join,
    stages: { stt, model, tts, fallbackTts, codec: simCodec, createVoiceDetector: simVoiceDetector },
    settings: defineAgent({
      apology: APOLOGY,
      // A draft that fails is tried again as the answer, which would hide what these tests are about.
      drafts: { policy: 'off' },
      // The silence is fixed: what is tested doesn't depend on the words.
      endpointing: { policy: 'fixed' },
      llm: { firstTokenDeadlineMs: 3000, stallDeadlineMs: 2000 },
      tts: { firstAudioDeadlineMs: 2000, stallDeadlineMs: 1500 },
    }),
    clock,
    log: silentLogger,
    onTurn: (report) => reports.push(report),
  });
  caller = new SimCaller(clock, room);
});

afterEach(async () => {
  await session.close();
  await clock.advance(10_000);
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
  expect(model.activeCount).toBe(0);
});

const overloaded = (stage: 'LLM' | 'TTS', retryAfterMs?: number): StageError =>
  new StageError(stage, 'overloaded', { retryable: true, retryAfterMs });

/** The next question is answered as ever. */
async function expectTheCallToGoOn(): Promise<void> {
  await caller.ask(600);
  expect(room.captions('agent').at(-1)).toBe('You said you open.');
}

it('a model that is overloaded for a moment is asked again, and the caller notices nothing', async () => {
  model.faults.push(overloaded('LLM'), overloaded('LLM'));
  await caller.ask(600);
  expect(model.questions).toEqual([QUESTION, QUESTION, QUESTION]);
  expect(room.captions('agent')).toEqual([ANSWER]);
  await expectTheCallToGoOn();
});

it('a model that asks to wait longer than a caller would is not waited for', async () => {
  model.faults.push(overloaded('LLM', 20_000));
  await caller.ask(600);
  expect(model.questions).toEqual([QUESTION]);
  expect(room.captions('agent')).toEqual([APOLOGY]);
  expect(reports.find(({ error }) => error !== undefined)).toMatchObject({
    turn: 1,
    error: 'overloaded',
    heardText: '',
  });
  await expectTheCallToGoOn();
});

it('a model with a wrong key is answered for by an apology', async () => {
  model.faults.push(new StageError('LLM', 'wrong key'));
  await caller.ask(600);
  expect(room.captions('agent')).toEqual([APOLOGY]);
  await expectTheCallToGoOn();
});

it('a model that says nothing for too long is given up', async () => {
  model.faults.push('silence');
  await caller.speak(600);
  await caller.rest(8000);
  expect(room.captions('agent')).toEqual([APOLOGY]);
  await expectTheCallToGoOn();
});

it('an empty reply is asked for again', async () => {
  model.faults.push('nothing');
  await caller.ask(600);
  expect(room.captions('agent')).toEqual([ANSWER]);
  await expectTheCallToGoOn();
});

it('a voice that is overloaded for a moment is asked again, and the whole reply is said', async () => {
  tts.faults.push(overloaded('TTS'));
  await caller.ask(600);
  expect(room.captions('agent')).toEqual([ANSWER]);
  expect([tts.said.join(''), fallbackTts.said]).toEqual([ANSWER, []]);
  await expectTheCallToGoOn();
});

it.each([
  ['has a wrong key', new StageError('TTS', 'wrong key')],
  ['says nothing', 'silence' as const],
])('a voice that %s is stood in for, with the whole reply', async (_, fault) => {
  tts.faults.push(fault);
  await caller.speak(600);
  await caller.rest(8000);
  expect(room.captions('agent')).toEqual([ANSWER]);
  expect(fallbackTts.said.join('')).toBe(ANSWER);
  await expectTheCallToGoOn();
});

it('model and voice both dead: the apology is said by the voice that stands in', async () => {
  model.faults.push(new StageError('LLM', 'wrong key'));
  tts.faults.push(new StageError('TTS', 'wrong key'), new StageError('TTS', 'wrong key'));
  await caller.ask(600);
  expect(room.captions('agent')).toEqual([APOLOGY]);
  expect(fallbackTts.said.join('')).toBe(APOLOGY);
  await expectTheCallToGoOn();
});

it('no voice at all: the error is reported, and the call goes on', async () => {
  const dead = new StageError('TTS', 'wrong key');
  tts.faults.push(dead, dead);
  fallbackTts.faults.push(dead, dead);
  await caller.ask(600);
  expect(room.captions('agent')).toEqual([]);
  expect(reports.filter(({ error }) => error === 'wrong key').map(({ kind }) => kind)).toEqual(['reply', 'apology']);
  await expectTheCallToGoOn();
});

it('the longest call ends with a goodbye', async () => {
  await caller.rest(3_600_000 - clock.nowMs());
  await caller.rest(5000);
  expect(room.captions('agent')).toEqual(['I have to end our call now. Goodbye!']);
  await expect(session.ended).resolves.toEqual({ reason: 'callLimit' });
});
