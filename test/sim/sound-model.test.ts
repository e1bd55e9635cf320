// When a turn ends by its sound, beside its words: whole conversations with a sound model.

import { afterEach, beforeEach, expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import type { AgentOptions } from '../../src/agent.ts';
import type { SoundModel } from '../../src/audio/sound-model.ts';
import { createLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import type { Session } from '../../src/session/session.ts';
import { ScriptedSoundModel } from './scripted-sound-model.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The recogniser of these tests hears a word every 300 ms. */
const WORD_MS = 300;
const withSound = { endpointing: { soundModel: 'smart-turn' } } satisfies AgentOptions;

let clock: VirtualClock;
let room: SimRoom;
let caller: SimCaller;
let model: SimModel;
let session: Session | undefined;
let lines: string[];

beforeEach(() => {
  clock = new VirtualClock();
  lines = [];
});

afterEach(async () => {
  await session?.close();
  session = undefined;
  await clock.advance(10_000);
  expect(clock.pendingTimerCount, 'nothing is left behind').toBe(0);
});

async function start(words: string, soundModel: SoundModel | undefined, options: AgentOptions): Promise<void> {
  await session?.close();
  room = new SimRoom(clock);
  model = new SimModel(clock, () => 'All right.');
  session = await startSession({
    join: room.join,
    stages: {
      stt: new SimSpeechToText(clock, words, { finalsAtPauses: true }),
      model,
      tts: new SimTextToSpeech(clock),
      codec: simCodec,
      createVoiceDetector: simVoiceDetector,
      ...(soundModel && { soundModel }),
    },
    settings: defineAgent(options),
    clock,
    log: createLogger((level, message) => lines.push(`${level}: ${message}`)),
  });
  caller = new SimCaller(clock, room);
}

/** Says two words and waits for the answer. Returns how long that took; a draft would hide the silence that was waited for. */
async function responseMs(answers: readonly (number | undefined)[] | undefined): Promise<number> {
  const soundModel = answers && new ScriptedSoundModel(clock, answers);
  await start('on friday', soundModel, {
    ...(soundModel && withSound),
    drafts: { policy: 'off' },
  });
  const startedAtMs = clock.nowMs();
  const audibleAtMs = await caller.ask(2 * WORD_MS);
  return (audibleAtMs ?? Number.NaN) - startedAtMs - 2 * WORD_MS;
}

it('words that leave it open are answered sooner where they sound complete, later where they do not', async () => {
  const byWords = await responseMs(undefined);
  expect(await responseMs([0.97])).toBeLessThanOrEqual(byWords - 80);
  expect(await responseMs([0.03])).toBeGreaterThanOrEqual(byWords + 300);
});

it('a model that has no answer changes nothing', async () => {
  const byWords = await responseMs(undefined);
  expect(await responseMs([undefined])).toBe(byWords);
});

/** Four words, with a long pause in the middle. */
async function sayInTwo(): Promise<void> {
  await caller.speak(2 * WORD_MS);
  await caller.rest(850);
  await caller.ask(2 * WORD_MS);
}

it('a pause that sounds unfinished does not split the turn', async () => {
  await start('on friday at noon', undefined, {});
  await sayInTwo();
  expect(model.questions).not.toEqual(['on friday at noon']);

  await start('on friday at noon', new ScriptedSoundModel(clock, [0.03, 0.97]), {
    ...withSound,
    drafts: { policy: 'off' },
  });
  await sayInTwo();
  expect(model.questions).toEqual(['on friday at noon']);
});

it('hears the turn so far at each pause, and nothing of the turn before', async () => {
  const soundModel = new ScriptedSoundModel(clock, [0.03, 0.97, 0.97]);
  await start('on friday at noon when do you open', soundModel, withSound);
  await caller.rest(1000);
  await caller.speak(2 * WORD_MS);
  await caller.rest(400);
  await caller.ask(2 * WORD_MS);
  await caller.ask(4 * WORD_MS);
  // Half a second before the voice, and the silence until the end of it is certain.
  const around = 500 + 80;
  expect(soundModel.heardMs).toEqual([600 + around, 600 + 400 + 600 + around, 1200 + around]);
});

it('a judgement that comes when the caller has gone on is left', async () => {
  const soundModel = new ScriptedSoundModel(clock, [0.03, 0.97], { lagMs: 500 });
  await start('on friday at noon', soundModel, withSound);
  await caller.speak(2 * WORD_MS);
  await caller.rest(200);
  await caller.ask(2 * WORD_MS);
  expect(model.questions.at(-1)).toBe('on friday at noon');
});

it('is not asked where all turns end after the same silence', async () => {
  const soundModel = new ScriptedSoundModel(clock, [0.03]);
  await start('on friday', soundModel, { endpointing: { ...withSound.endpointing, policy: 'fixed' } });
  await caller.ask(2 * WORD_MS);
  expect(soundModel.heardMs).toEqual([]);
  expect(lines).toContain('info: the sound model is not used: all turns end after the same silence');
});

it('a model that can not be used, or is not there, is told before the call', async () => {
  const unusable = new ScriptedSoundModel(clock, []);
  unusable.warmUp = () => Promise.reject(new Error('Install something.'));
  await expect(start('', unusable, withSound)).rejects.toThrow('Install something.');
  await expect(start('', undefined, withSound)).rejects.toThrow('there is no soundModel among the stages');
});
