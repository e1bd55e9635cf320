// The batch variants of the stages beside the streaming ones: the same words, in another order of events.

import { afterEach, beforeEach, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

const QUESTION = 'when do you open';
const ANSWER =
  'You said when do you open. We open at nine, every day, and we would be glad to see you here. Is that right?';

let clock: VirtualClock;

beforeEach(() => {
  clock = new VirtualClock();
});

afterEach(() => {
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
});

/** One turn in this mode: what was said, and when things happened after the caller's last word. */
async function turn(options: AgentOptions) {
  const room = new SimRoom(clock);
  const model = new SimModel(clock, () => ANSWER);
  const tts = new SimTextToSpeech(clock);
  const stt = new SimSpeechToText(clock, QUESTION, { finalsAtPauses: true });
  const session = await startSession({
    join: room.join,
    stages: { stt, model, tts, codec: simCodec, createVoiceDetector: simVoiceDetector },
    settings: defineAgent({ anticipation: { source: 'off' }, ...options }),
    clock,
    log: silentLogger,
  });
  const caller = new SimCaller(clock, room);
  await caller.speak(1200);
  const spokenAtMs = clock.nowMs();
  await caller.rest(20_000);
  await session.close();
  await clock.advance(10_000);
  const since = (atMs: number | undefined): number => (atMs ?? Number.NaN) - spokenAtMs;
  return {
    asked: model.questions,
    captions: { caller: room.captions('caller'), agent: room.captions('agent') },
    writtenAtMs: since(model.endedAtMs),
    firstAudioAtMs: since(tts.firstAudioAtMs),
    audibleAtMs: since(room.audibleAtMs.find((atMs) => atMs > spokenAtMs)),
    captionUpdates: room.captionUpdates('caller'),
  };
}

const same = { asked: [QUESTION], captions: { caller: [QUESTION], agent: [ANSWER] } };

it('streaming: the voice has audio, and it is heard, before the model has ended', async () => {
  const streaming = await turn({});
  expect(streaming).toMatchObject(same);
  expect(streaming.firstAudioAtMs).toBeLessThan(streaming.writtenAtMs);
  expect(streaming.audibleAtMs).toBeLessThan(streaming.writtenAtMs);
});

it('a model in batch: the voice begins after it has ended', async () => {
  const batch = await turn({ streaming: { llm: false } });
  expect(batch).toMatchObject(same);
  expect(batch.firstAudioAtMs).toBeGreaterThan(batch.writtenAtMs);
});

it('a voice in batch: it is heard once all of it has been made', async () => {
  const streaming = await turn({});
  const batch = await turn({ streaming: { tts: false } });
  expect(batch).toMatchObject(same);
  expect(batch.firstAudioAtMs).toBeGreaterThan(batch.writtenAtMs);
  // Each further chunk takes this voice 150 ms.
  expect(batch.audibleAtMs).toBeGreaterThan(batch.firstAudioAtMs + 150);
  expect(batch.audibleAtMs).toBeGreaterThan(streaming.audibleAtMs);
});

it('recognition in batch: no words before the turn is over', async () => {
  const batch = await turn({ streaming: { stt: false } });
  expect(batch).toMatchObject(same);
  // Once as they come, and once as the turn is over; streaming shows them word by word.
  expect(batch.captionUpdates).toBe(2);
  expect((await turn({})).captionUpdates).toBeGreaterThan(4);
});

it('nothing in parallel: each stage begins when the one before it has finished', async () => {
  const serial = await turn({ parallel: false });
  expect(serial).toMatchObject(same);
  expect(serial.firstAudioAtMs).toBeGreaterThan(serial.writtenAtMs);
  expect(serial.audibleAtMs).toBeGreaterThan(serial.firstAudioAtMs + 150);
});

it('all in batch says the same, later', async () => {
  const streaming = await turn({});
  const batch = await turn({ streaming: { stt: false, llm: false, tts: false } });
  expect(batch).toMatchObject(same);
  expect(batch.audibleAtMs).toBeGreaterThan(streaming.audibleAtMs + 500);
});

it.each([
  ['nothing runs in parallel', { parallel: false }],
  ['nothing streams', { streaming: { stt: false, llm: false, tts: false } }],
])('where %s, no reply is begun before the turn is over', async (_, mode) => {
  const classic = await turn({ ...mode, endpointing: { policy: 'fixed', silenceMs: 900 } });
  expect(classic).toMatchObject(same);
  // 23 words, 20 ms each, the first after 350 ms.
  expect(classic.writtenAtMs).toBeGreaterThan(900 + 350 + 22 * 20);
});
