// A voice that takes text as it comes, with another behind it that must be given clauses.

import { expect, it } from 'vitest';

import { defineAgent } from '../../src/agent.ts';
import { StageError } from '../../src/lib/errors.ts';
import { silentLogger } from '../../src/lib/log.ts';
import { startSession } from '../../src/session/session.ts';
import { SimCaller } from './sim-caller.ts';
import { SimRoom } from './sim-room.ts';
import { simCodec, SimModel, SimSpeechToText, SimTextToSpeech, simVoiceDetector } from './stages.ts';
import { VirtualClock } from './virtual-clock.ts';

const ANSWER = 'We open at nine, every single day of the week. Would you like to come?';

class TokenVoice extends SimTextToSpeech {
  readonly takesTokens = true;
}

async function answer(...faults: readonly Error[]): Promise<readonly [TokenVoice, SimTextToSpeech]> {
  const clock = new VirtualClock();
  const room = new SimRoom(clock);
  const tts = new TokenVoice(clock);
  tts.faults.push(...faults);
  const fallbackTts = new SimTextToSpeech(clock);
  const session = await startSession({
    join: room.join,
    stages: {
      stt: new SimSpeechToText(clock, 'when do'),
      model: new SimModel(clock, () => ANSWER),
      tts,
      fallbackTts,
      codec: simCodec,
      createVoiceDetector: simVoiceDetector,
    },
    settings: defineAgent({ drafts: { policy: 'off' } }),
    clock,
    log: silentLogger,
  });
  const caller = new SimCaller(clock, room);
  await caller.speak(600);
  await caller.rest(20_000);
  expect(room.captions('agent')).toEqual([ANSWER]);
  await session.close();
  await clock.advance(10_000);
  return [tts, fallbackTts];
}

it('the first voice gets a clause, and then word for word what the model writes', async () => {
  const [tts, fallbackTts] = await answer();
  expect(tts.said.slice(0, 4)).toEqual(['We open at nine, ', 'every ', 'single ', 'day ']);
  expect(tts.said.join('')).toBe(ANSWER);
  expect(fallbackTts.said).toEqual([]);
});

it('the voice that stands in for it gets clauses and sentences', async () => {
  const [tts, fallbackTts] = await answer(new StageError('TTS', 'wrong key'));
  expect(tts.said).toEqual([]);
  expect(fallbackTts.said).toEqual(['We open at nine, ', 'every single day of the week. ', 'Would you like to come?']);
});
