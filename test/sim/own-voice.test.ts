// The agent's own voice comes back from the caller's end: sessions with real codec, voice activity and speech in virtual time.
// All settings and ten minutes of each: `npm run bench:echo`.

import { describe, expect, it } from 'vitest';

import { Flite } from '../../src/tts/offline/flite.ts';
import { activePower, type EchoingLine } from '../fixtures/echoing-line.ts';
import { ANSWERS, echoAlone, type EchoCallOptions, interruptions, SpokenTexts } from './echo-call.ts';

const flite = await Flite.load();
const spoken = new SpokenTexts(flite, 'slt');
const playedPower = activePower(spoken.speech(ANSWERS[0] ?? ''));

const LINES: readonly (readonly [string, EchoingLine])[] = [
  ['−15 dB after 40 ms', { attenuationDb: 15, delayMs: 40 }],
  ['−25 dB after 400 ms, a live room, noise', { attenuationDb: 25, delayMs: 400, reverberationMs: 400, noise: true }],
  ['−35 dB after 150 ms, a telephone, noise', { attenuationDb: 35, delayMs: 150, telephone: true, noise: true }],
];

function call(line: EchoingLine, echoPower: number): EchoCallOptions {
  return { line, spoken, audiblePower: echoPower / 10 };
}

/** A caller as much louder than the echo. */
function caller(text: string, voice: 'rms' | 'awb', echoPower: number, louderDb: number): Float32Array {
  const { samples } = flite.synthesize(text, voice);
  const gain = Math.sqrt((echoPower * 10 ** (louderDb / 10)) / activePower(samples));
  return Float32Array.from(samples, (sample) => gain * sample);
}

describe.each(LINES)('a line that returns the agent’s voice at %s', (_name, line) => {
  const echoPower = playedPower / 10 ** (line.attenuationDb / 10);

  it('makes the agent neither interrupt nor answer itself', async () => {
    const found = await echoAlone(call(line, echoPower), 0.75);
    expect(found).toMatchObject({ interrupted: 0, answered: 0, voices: 0 });
    expect(found.statistics['echoFrames']).toBeGreaterThan(500);
    expect(Math.abs(Number(found.statistics['echoDelayMs']) - line.delayMs - 40)).toBeLessThanOrEqual(40);
  }, 60_000);

  it('lets callers stop the reply', async () => {
    const clips = [
      caller('Wait, I meant something else.', 'rms', echoPower, 15),
      caller('Can you make it five people?', 'awb', echoPower, 15),
    ];
    for (const { noticedAfterMs, silencedAfterMs } of await interruptions(call(line, echoPower), clips, 2000)) {
      expect(noticedAfterMs).toBeLessThanOrEqual(500);
      expect(silencedAfterMs).toBeLessThanOrEqual(900);
    }
  }, 60_000);
});

describe('without the search for it', () => {
  it('the agent takes its own voice for a caller', async () => {
    const line: EchoingLine = { attenuationDb: 25, delayMs: 150 };
    const options = call(line, playedPower / 10 ** 2.5);
    const found = await echoAlone({ ...options, agent: { ownVoice: 'off' } }, 0.5);
    expect(found.interrupted).toBeGreaterThan(0);
    expect(found.answered).toBeGreaterThan(0);
  }, 60_000);
});
